using OpenEim.Storage;

namespace OpenEim.Manager.Queries;

/// <summary>Reads lists: those that may take long in turns, and on readers of their own.</summary>
/// <param name="database">What is read.</param>
/// <param name="turns">Shared by all lists of one process; null for no bounds.</param>
public sealed class ListReads(Database database, ListTurns? turns = null)
{
    /// <summary>A page with more items is one that may take long.</summary>
    public const int MaxQuickSize = 100;

    /// <summary>Reads that walk over more items may take long.</summary>
    public const int MaxQuickWalk = 10_000;

    /// <summary>Reads a page.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="mayTakeLong">Whether it costs more than the rows of a small page.</param>
    /// <param name="read">As <see cref="Database.ReadAsync"/> takes it.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ListsBusyException">The caller reads as many at the same time as he may.</exception>
    public async ValueTask<T> ReadAsync<T>(ListCaller caller, bool mayTakeLong, Func<DbSession, ValueTask<T>> read, CancellationToken ct)
    {
        if (!mayTakeLong)
        {
            return await database.ReadAsync(read, ct).ConfigureAwait(false);
        }

        using var turn = turns is null ? null : await turns.EnterAsync(caller, ct).ConfigureAwait(false);
        return await database.ReadLongAsync(read, ct).ConfigureAwait(false);
    }
}

using Npgsql;

namespace OpenEim.Storage.Postgres;

/// <summary>Connections for reads, and the turns of those who wait for one.</summary>
internal sealed class PostgresReaders(NpgsqlDataSource source, int count) : IAsyncDisposable
{
    /// <summary>The connections.</summary>
    public NpgsqlDataSource Source => source;

    /// <summary>One turn for each of them.</summary>
    public SemaphoreSlim Turns { get; } = new(count, count);

    /// <summary>Waits until nothing runs any more; whoever waited behind gets his turn, and finds the connections closed.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < count; i++)
        {
            await Turns.WaitAsync().ConfigureAwait(false);
        }

        Turns.Release(count);
        await source.DisposeAsync().ConfigureAwait(false);
    }
}

using OpenEim.Storage;

namespace OpenEim.Hosting.Running;

/// <summary>Whether requests should come here: not while the process stops, and not while its database fails.</summary>
public sealed partial class Readiness(Database database, Shutdown shutdown, TimeProvider time, ILogger<Readiness> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Why requests should not come here; null when they should.</summary>
    public async ValueTask<string?> ReasonAgainstAsync(CancellationToken ct)
    {
        if (shutdown.HasBegun)
        {
            return "the server is stopping";
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT count(*) FROM secret"), either.Token)
                .ConfigureAwait(false);
            return await WritesAsync(database, either.Token).ConfigureAwait(false);
        }
        catch (StorageUnavailableException e)
        {
            LogUnavailable(e.Message);
            return "the database does not answer";
        }
#pragma warning disable CA1031 // Whatever is wrong with the database, the answer is that this server is not ready; the log says why.
        catch (Exception e) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogFailed(e);
            return "the database cannot be read";
        }
    }

    private async ValueTask<string?> WritesAsync(Database database, CancellationToken ct)
    {
        if (await database.FindWriteTroubleAsync(ct).ConfigureAwait(false) is not { } trouble)
        {
            return null;
        }

        LogUnavailable(trouble);
        return "the database cannot be written";
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Not ready: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Not ready: the database cannot be read")]
    private partial void LogFailed(Exception exception);
}

using System.Security.Cryptography;
using OpenEim.Hosting.Settings;
using OpenEim.Manager.Nodes;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Server;

/// <summary>What has to do with other nodes over the same database.</summary>
public sealed partial class EimHost
{
    /// <summary>
    /// A node whose signing key is not that of the others would send packages that no eUICC accepts: it happens when a second node is
    /// started without the first one's keys, and makes its own.
    /// </summary>
    private async Task RefuseAnotherEimAsync(SecretStore secrets, CancellationToken ct)
    {
        var own = SHA256.HashData(Pki.Eim!.Certificate.SubjectPublicKeyInfo.Span);
        byte[] known;
        try
        {
            known = await secrets.GetOrCreateAsync("eim-key-hash", () => [.. own], ct).ConfigureAwait(false);
        }
        catch (SecretException e)
        {
            throw new SetupException($"The database {Database.Name} was set up with another master key: give every node the same one (MasterKey). {e.Message}", e);
        }

        if (!own.AsSpan().SequenceEqual(known) && !Options.NewEimKey)
        {
            throw new SetupException(
                $"The database {Database.Name} belongs to an eIM with another signing key: give every node the same keys (Pki), or say that the key is meant to be new (NewEimKey).");
        }

        if (Options.NewEimKey)
        {
            await secrets.ReplaceAsync("eim-key-hash", own, ct).ConfigureAwait(false);
        }
    }

    private async Task<Slices> LeaseSlicesAsync(Database database, CancellationToken ct)
    {
        var slices = new Slices(database, _host.Time, $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}");
        await slices.RefreshAsync(ct).ConfigureAwait(false);
        _host.Own(new SlicesEnd(slices, _host.Loggers.CreateLogger<Slices>()));
        _host.StartLoop("Sharing out background work", Slices.RefreshInterval, slices.RefreshAsync);
        return slices;
    }

    /// <summary>Lets other nodes take over at once.</summary>
    private sealed partial class SlicesEnd(Slices slices, ILogger logger) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await slices.ReleaseAsync().ConfigureAwait(false);
            }
            catch (StorageUnavailableException e)
            {
                LogKept(e);
            }
        }

        [LoggerMessage(Level = LogLevel.Warning, Message = "The leases of background work could not be given back; others take over when they run out")]
        private partial void LogKept(Exception exception);
    }
}

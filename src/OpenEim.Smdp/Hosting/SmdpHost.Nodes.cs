using System.Security.Cryptography;
using OpenEim.Hosting.Settings;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Smdp;

/// <summary>What has to do with other nodes over the same database.</summary>
public sealed partial class SmdpHost
{
    /// <summary>
    /// A node whose keys are not those of the others could not go on with their sessions: it happens when a second node is started without
    /// the first one's keys, and makes its own.
    /// </summary>
    private async Task RefuseAnotherSmdpAsync(SecretStore secrets, Database database, CancellationToken ct)
    {
        var own = SHA256.HashData(Pki.DpPb!.Certificate.SubjectPublicKeyInfo.Span);
        byte[] known;
        try
        {
            known = await secrets.GetOrCreateAsync("binding-key-hash", () => [.. own], ct).ConfigureAwait(false);
        }
        catch (SecretException e)
        {
            throw new SetupException($"The database {database.Name} was set up with another master key: give every node the same one (MasterKey). {e.Message}", e);
        }

        // One process alone over its own file may change its keys: whoever is in the middle of a download begins again.
        if (database.Engine == DbEngine.Postgres && !own.AsSpan().SequenceEqual(known))
        {
            throw new SetupException($"The database {database.Name} belongs to an SM-DP+ with other keys (DPpb): give every node the same keys (Pki).");
        }
    }
}

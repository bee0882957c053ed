using System.Security.Cryptography;
using OpenEim.Storage;
using OpenEim.Storage.Files;

namespace OpenEim.Smdp;

/// <summary>Secrets that every node shares: in the database, sealed under the master key.</summary>
internal sealed class SecretStore(Database database, MasterKey masterKey, TimeProvider time)
{
    /// <summary>The secret of this name; the first to ask makes it of random bytes, everybody gets the same.</summary>
    /// <exception cref="SecretException">It cannot be decrypted.</exception>
    public Task<byte[]> GetOrCreateAsync(string name, int length, CancellationToken ct) =>
        GetOrCreateAsync(name, RandomNumberGenerator.GetBytes(length), ct);

    /// <summary>As above, with what the first to ask brings. It is zeroed.</summary>
    /// <exception cref="SecretException">It cannot be decrypted.</exception>
    public async Task<byte[]> GetOrCreateAsync(string name, byte[] fresh, CancellationToken ct)
    {
        var sealedFresh = masterKey.Protect(name, fresh);
        CryptographicOperations.ZeroMemory(fresh);
        var stored = await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "INSERT INTO secret (name, value, created) VALUES (@name, @sealedFresh, @now) ON CONFLICT (name) DO NOTHING",
                    new { name, sealedFresh, now = time.GetUtcNow().ToUnixTimeMilliseconds() }).ConfigureAwait(false);
                return await session.QueryFirstOrDefaultAsync<byte[]>("SELECT value FROM secret WHERE name = @name", new { name }).ConfigureAwait(false);
            },
            ct).ConfigureAwait(false);
        return masterKey.Unprotect(name, stored!);
    }
}

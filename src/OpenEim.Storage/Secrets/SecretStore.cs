using System.Security.Cryptography;

namespace OpenEim.Storage.Secrets;

/// <summary>Secrets that every node shares: in the database, encrypted under the master key.</summary>
public sealed class SecretStore(Database database, MasterKey masterKey, TimeProvider time)
{
    /// <summary>The secret of this name; the first to ask makes it of random bytes, everybody gets the same.</summary>
    /// <param name="name">Fixed in the code: "token pepper", "auth_token key", …</param>
    /// <param name="length">In bytes.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="SecretException">It cannot be decrypted, or was stored with another length.</exception>
    public async Task<byte[]> GetOrCreateAsync(string name, int length, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 16);
        var secret = await GetOrCreateAsync(name, () => RandomNumberGenerator.GetBytes(length), ct).ConfigureAwait(false);
        return secret.Length == length
            ? secret
            : throw new SecretException($"The secret \"{name}\" has {secret.Length} bytes instead of {length}.");
    }

    /// <summary>As above, for secrets with a form of their own, such as private keys.</summary>
    /// <param name="name">Fixed in the code.</param>
    /// <param name="create">Makes the secret; what it made is zeroed, and dropped if another node was first.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="SecretException">It cannot be decrypted.</exception>
    public async Task<byte[]> GetOrCreateAsync(string name, Func<byte[]> create, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(create);
        var stored = await database.ReadAsync(session => Find(session, name), ct).ConfigureAwait(false)
            ?? await InsertAsync(name, create, ct).ConfigureAwait(false);
        return masterKey.Unprotect(name, stored);
    }

    /// <summary>Puts another in the place of the secret of this name.</summary>
    public Task ReplaceAsync(string name, ReadOnlySpan<byte> secret, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var value = masterKey.Protect(name, secret);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            async session => await session.ExecuteAsync(
                """
                INSERT INTO secret (name, value, created) VALUES (@name, @value, @now)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value, created = excluded.created
                """,
                new { name, value, now }).ConfigureAwait(false),
            ct);
    }

    private static ValueTask<byte[]?> Find(DbSession session, string name) =>
        session.QueryFirstOrDefaultAsync<byte[]>("SELECT value FROM secret WHERE name = @name", new { name });

    private Task<byte[]> InsertAsync(string name, Func<byte[]> create, CancellationToken ct)
    {
        var fresh = create();
        var value = masterKey.Protect(name, fresh);
        CryptographicOperations.ZeroMemory(fresh);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "INSERT INTO secret (name, value, created) VALUES (@name, @value, @now) ON CONFLICT (name) DO NOTHING",
                    new { name, value, now }).ConfigureAwait(false);
                return (await Find(session, name).ConfigureAwait(false))!;
            },
            ct);
    }
}

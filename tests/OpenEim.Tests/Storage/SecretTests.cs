using System.Security.Cryptography;
using OpenEim.Hosting.Keys;
using OpenEim.Manager.Organisations;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Tests.Storage;

/// <summary>The master key's file, and the secrets that are encrypted under it.</summary>
public abstract class SecretTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestDatabase _data;
    private readonly Database _database;
    private readonly MasterKey _key = MasterKey.FromBytes(RandomNumberGenerator.GetBytes(MasterKey.Length));

    protected SecretTests(DbEngine engine)
    {
        _data = TestDatabase.Create(engine, typeof(ApplicationTokens).Assembly);
        _database = _data.Open();
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _data.DisposeAsync();
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_node_gets_the_same_secret()
    {
        var secrets = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => NewStore(_key).GetOrCreateAsync("signing", 32, Ct)));
        Assert.All(secrets, secret => Assert.Equal(secrets[0], secret));
        Assert.Equal(32, secrets[0].Length);
        Assert.NotEqual(secrets[0], await NewStore(_key).GetOrCreateAsync("pepper", 32, Ct));
    }

    [Fact]
    public async Task A_secret_is_stored_encrypted()
    {
        var secret = await NewStore(_key).GetOrCreateAsync("signing", 32, Ct);
        var stored = await _database.ReadAsync(session => session.ExecuteScalarAsync<byte[]>("SELECT value FROM secret"), Ct);
        Assert.Equal(12 + 16 + 32, stored?.Length);
        Assert.True(stored.AsSpan().IndexOf(secret) < 0);
    }

    [Fact]
    public async Task Another_master_key_is_refused_in_a_sentence()
    {
        await NewStore(_key).GetOrCreateAsync("signing", 32, Ct);
        using var other = MasterKey.FromBytes(new byte[32]);
        var error = await Assert.ThrowsAsync<SecretException>(() => NewStore(other).GetOrCreateAsync("signing", 32, Ct));
        Assert.Contains("\"signing\" cannot be decrypted", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE secret SET value = (SELECT value FROM secret WHERE name = 'b') WHERE name = 'a'")]
    [InlineData("UPDATE secret SET value = substr(value, 1, 59) WHERE name = 'a'")]
    [InlineData("UPDATE secret SET value = substr(value, 1, 0) WHERE name = 'a'")]
    public async Task A_secret_that_was_moved_or_changed_is_refused(string attack)
    {
        await NewStore(_key).GetOrCreateAsync("a", 32, Ct);
        await NewStore(_key).GetOrCreateAsync("b", 32, Ct);
        await _database.WriteAsync(session => session.ExecuteAsync(attack), Ct);
        await Assert.ThrowsAsync<SecretException>(() => NewStore(_key).GetOrCreateAsync("a", 32, Ct));
    }

    [Fact]
    public async Task A_secret_with_a_form_of_its_own_is_made_once()
    {
        var made = 0;
        byte[] Make()
        {
            made++;
            return [1, 2, 3];
        }

        Assert.Equal([1, 2, 3], await NewStore(_key).GetOrCreateAsync("key", Make, Ct));
        Assert.Equal([1, 2, 3], await NewStore(_key).GetOrCreateAsync("key", Make, Ct));
        Assert.Equal(1, made);
        await Assert.ThrowsAsync<SecretException>(() => NewStore(_key).GetOrCreateAsync("key", 32, Ct));
    }

    [Fact]
    public async Task A_key_file_is_made_for_its_owner_alone_and_read_again()
    {
        var path = _folder.File("master.key");
        byte[] secret;
        using (var first = MasterKeyFile.LoadOrCreate(path))
        {
            secret = await NewStore(first).GetOrCreateAsync("signing", 32, Ct);
        }

        using var second = MasterKeyFile.LoadOrCreate(path);
        Assert.Equal(secret, await NewStore(second).GetOrCreateAsync("signing", 32, Ct));
        Assert.Equal(45, new FileInfo(path).Length);
        Assert.Equal(["master.key"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void A_key_file_that_others_can_reach_is_refused(UnixFileMode extra)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no permission bits.");
            return;
        }

        var path = _folder.File("master.key");
        MasterKeyFile.LoadOrCreate(path).Dispose();
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | extra);
        Assert.Contains("chmod 600", Assert.Throws<SecretException>(() => MasterKeyFile.LoadOrCreate(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")]
    public async Task A_key_file_without_a_key_is_refused(string text)
    {
        var path = _folder.File("master.key");
        MasterKeyFile.LoadOrCreate(path).Dispose();
        await File.WriteAllTextAsync(path, text, Ct);
        Assert.Contains("32 bytes", Assert.Throws<SecretException>(() => MasterKeyFile.LoadOrCreate(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nodes_that_start_together_share_one_key_file()
    {
        for (var start = 0; start < 50; start++)
        {
            var path = _folder.File($"master-{start}.key");
            var stored = new byte[8][];
            using var together = new Barrier(stored.Length);
            var nodes = Enumerable.Range(0, stored.Length).Select(node => new Thread(() =>
            {
                together.SignalAndWait();
                using var key = MasterKeyFile.LoadOrCreate(path);
                stored[node] = File.ReadAllBytes(path);
            })).ToList();
            nodes.ForEach(node => node.Start());
            nodes.ForEach(node => node.Join());
            Assert.All(stored, key => Assert.Equal(stored[0], key));
        }
    }

    [Fact]
    public void A_key_file_in_a_folder_that_is_not_there_is_named_in_a_sentence() =>
        Assert.Contains(
            "cannot be used",
            Assert.Throws<SecretException>(() => MasterKeyFile.LoadOrCreate(_folder.File("nowhere/master.key"))).Message,
            StringComparison.Ordinal);

    private SecretStore NewStore(MasterKey key) => new(_database, key, TimeProvider.System);
}

public sealed class SecretTestsOnSqlite() : SecretTests(DbEngine.Sqlite);

public sealed class SecretTestsOnPostgres() : SecretTests(DbEngine.Postgres);

using OpenEim.Storage;

namespace OpenEim.Tests.Storage;

/// <summary>Opening files, and upgrading schemas.</summary>
public sealed class OpeningTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_data_and_its_directory_are_the_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no permission bits.");
            return;
        }

        await using var database = Database.Open(_folder.File("deep/er/data.db"));
        database.Upgrade(SchemaScripts.Items);
        await database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id) VALUES (1)"), Ct);

        foreach (var file in Directory.GetFiles(_folder.File("deep/er")))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.File("deep/er")));
        Assert.True(File.Exists(_folder.File("deep/er/data.db-wal")));
    }

    [Fact]
    public async Task Commits_wait_for_the_disk()
    {
        await using var database = Database.Open(_folder.File("data.db"));
        Assert.Equal(2, await database.WriteAsync(session => session.ExecuteScalarAsync<int>("PRAGMA synchronous"), Ct));
        Assert.Equal("wal", await database.WriteAsync(session => session.ExecuteScalarAsync<string>("PRAGMA journal_mode"), Ct));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named_in_a_sentence()
    {
        await File.WriteAllTextAsync(_folder.File("data.db"), new string('x', 8192), Ct);
        var error = Assert.Throws<StorageException>(() => Database.Open(_folder.File("data.db")));
        Assert.Equal($"The data file {_folder.File("data.db")} is damaged or is not a database.", error.Message);
    }

    [Fact]
    public void A_path_that_cannot_be_a_file_is_named_in_a_sentence()
    {
        Assert.Contains("cannot be", Assert.Throws<StorageException>(() => Database.Open(_folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("not understood", Assert.Throws<StorageException>(() => Database.Open("Host=db;Pasword=x")).Message, StringComparison.Ordinal);
        Assert.Contains("in a file", Assert.Throws<StorageException>(() => Database.Open("Data Source=:memory:")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_is_applied_once_in_the_order_of_its_numbers()
    {
        var first = new SchemaScripts(("0002_b.sql", "ALTER TABLE a ADD COLUMN y INTEGER;"), ("0001_a.sql", "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);"));
        await using (var database = Database.Open(_folder.File("data.db")))
        {
            Assert.Equal(2, database.Upgrade(first));
            Assert.Equal(0, database.Upgrade(first));
        }

        await using var again = Database.Open(_folder.File("data.db"));
        Assert.Equal(1, again.Upgrade(new SchemaScripts(("0001_a.sql", "-"), ("0002_b.sql", "-"), ("0003_c.sql", "INSERT INTO a VALUES (2, 3);"))));
        Assert.Equal(3, await again.ReadAsync(session => session.ExecuteScalarAsync<int>("SELECT sum(x) FROM a"), Ct));
    }

    [Fact]
    public async Task A_schema_that_fails_leaves_nothing_behind_and_names_the_file()
    {
        await using var database = Database.Open(_folder.File("data.db"));
        var broken = new SchemaScripts(("0001_a.sql", "CREATE TABLE a (x INTEGER);"), ("0002_b.sql", "CREATE TABLE b (x INTEGER); CREATE NONSENSE;"));

        var error = Assert.Throws<StorageException>(() => database.Upgrade(broken));
        Assert.Contains("0002_b.sql", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.ReadAsync(session => session.ExecuteScalarAsync<int>("SELECT count(*) FROM sqlite_master WHERE name IN ('a', 'b')"), Ct));
        Assert.Equal(1, database.Upgrade(new SchemaScripts(("0001_a.sql", "CREATE TABLE a (x INTEGER);"))));
    }

    [Fact]
    public async Task Nodes_that_start_together_apply_the_schema_once()
    {
        var scripts = new SchemaScripts([.. Enumerable.Range(1, 20).Select(n => ($"{n:D4}_t.sql", $"CREATE TABLE t{n} (x INTEGER);"))]);
        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                await using var database = Database.Open(_folder.File("data.db"));
                return database.Upgrade(scripts);
            },
            Ct)));

        Assert.Equal([0, 0, 0, 20], applied.Order());
    }
}

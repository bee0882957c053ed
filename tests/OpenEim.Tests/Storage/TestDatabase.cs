using System.Collections.Concurrent;
using System.Reflection;
using Npgsql;
using OpenEim.Storage;

namespace OpenEim.Tests.Storage;

/// <summary>A database of the test's own on either engine, gone when the test ends.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<Assembly, Lazy<Task<string>>> Templates = new();

    private readonly TempFolder? _folder;
    private readonly PostgresServer? _server;

    private TestDatabase(DbEngine engine, string connectionString, TempFolder? folder, PostgresServer? server) =>
        (Engine, ConnectionString, _folder, _server) = (engine, connectionString, folder, server);

    public DbEngine Engine { get; }

    public string ConnectionString { get; }

    /// <summary>On PostgreSQL.</summary>
    public string DatabaseName => new NpgsqlConnectionStringBuilder(ConnectionString).Database!;

    /// <summary>An empty one.</summary>
    public static async Task<TestDatabase> CreateAsync(DbEngine engine)
    {
        if (engine == DbEngine.Sqlite)
        {
            var folder = new TempFolder();
            return new TestDatabase(engine, "Data Source=" + folder.File("data.db"), folder, null);
        }

        var server = await PostgresServer.SharedAsync();
        return new TestDatabase(engine, await server.CreateDatabaseAsync(), null, server);
    }

    /// <summary>One with the assembly's schema, on a server of the test's own.</summary>
    public static async Task<TestDatabase> CreateAsync(PostgresServer server, Assembly schema)
    {
        var created = new TestDatabase(DbEngine.Postgres, await server.CreateDatabaseAsync(), null, server);
        await using var database = created.Open();
        database.Upgrade(schema);
        return created;
    }

    /// <summary>One with the assembly's schema.</summary>
    public static async Task<TestDatabase> CreateAsync(DbEngine engine, Assembly schema)
    {
        if (engine == DbEngine.Sqlite)
        {
            var created = await CreateAsync(engine);
            await using var database = created.Open();
            database.Upgrade(schema);
            return created;
        }

        var server = await PostgresServer.SharedAsync();
        var template = await Templates.GetOrAdd(schema, _ => new Lazy<Task<string>>(() => MakeTemplateAsync(server, schema))).Value;
        return new TestDatabase(engine, await server.CreateDatabaseAsync(template), null, server);
    }

    /// <summary>As <see cref="CreateAsync(DbEngine, Assembly)"/>, for constructors.</summary>
    public static TestDatabase Create(DbEngine engine, Assembly schema) => Task.Run(() => CreateAsync(engine, schema)).GetAwaiter().GetResult();

    /// <summary>A copy made with the means that the documentation names, while the database is in use.</summary>
    public async Task<TestDatabase> BackUpAndRestoreAsync(Database inUse)
    {
        var folder = new TempFolder();
        var file = folder.File("data.db");
        if (_server is null)
        {
            await inUse.BackupAsync(file);
            return new TestDatabase(Engine, "Data Source=" + file, folder, null);
        }

        var copy = await _server.CreateDatabaseAsync();
        await PostgresServer.RunToolAsync("pg_dump", "--format=custom", "--file=" + file, UrlOf(ConnectionString));
        await PostgresServer.RunToolAsync("pg_restore", "--exit-on-error", "--dbname=" + UrlOf(copy), file);
        return new TestDatabase(Engine, copy, folder, _server);
    }

    private static string UrlOf(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return $"postgres://{parts.Username}@{parts.Host}:{parts.Port}/{parts.Database}";
    }

    /// <summary>Whether the bytes stand anywhere in what the database keeps on the disk.</summary>
    public async Task<bool> HoldsAsync(byte[] sought)
    {
        if (_folder is not null)
        {
            return Directory.GetFiles(_folder.Path, "data.db*").Any(file => Holds(ReadShared(file), sought));
        }

        // What has not been written yet is written by a checkpoint.
        await _server!.ExecuteAsync("CHECKPOINT");
        return _server.FilesOf(new NpgsqlConnectionStringBuilder(ConnectionString).Database!)

            // A cache of the catalogue, which comes and goes.
            .Where(file => !Path.GetFileName(file).StartsWith("pg_internal.init", StringComparison.Ordinal))
            .Any(file => Holds(ReadShared(file), sought));
    }

    private static bool Holds(byte[] content, byte[] sought) => content.AsSpan().IndexOf(sought) >= 0;

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    }

    public Database Open(DatabaseOptions? options = null) => Database.Open(ConnectionString, options);

    public async ValueTask DisposeAsync()
    {
        _folder?.Dispose();
        if (_server is not null)
        {
            await _server.DropDatabaseAsync(ConnectionString);
        }
    }

    private static async Task<string> MakeTemplateAsync(PostgresServer server, Assembly schema)
    {
        var connectionString = await server.CreateDatabaseAsync();
        await using var database = Database.Open(connectionString);
        database.Upgrade(schema);
        return new NpgsqlConnectionStringBuilder(connectionString).Database!;
    }
}

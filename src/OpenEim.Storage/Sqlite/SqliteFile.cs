using Microsoft.Data.Sqlite;

namespace OpenEim.Storage.Sqlite;

/// <summary>The data file: created for its owner alone, and opened with the settings that every connection needs.</summary>
internal sealed class SqliteFile
{
    private static readonly string[] Common =
    [
        "PRAGMA busy_timeout=10000", // milliseconds
        "PRAGMA foreign_keys=OFF",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA cache_size=-16384", // 16 MiB for each connection

        // No memory map: it is torn down and made again whenever the file grows, which costs more than it saves.
        "PRAGMA mmap_size=0",
    ];

    /// <summary>Bytes.</summary>
    private const long Room = 1024 * 1024;

    private readonly string _connectionString;

    private SqliteFile(string path, string connectionString)
    {
        Path = path;
        _connectionString = connectionString;
    }

    public string Path { get; }

    public static SqliteFile Prepare(string connectionString)
    {
        var settings = Parse(connectionString);
        if (settings.Mode == SqliteOpenMode.Memory || settings.DataSource is "" or ":memory:" || settings.DataSource.StartsWith("file:", StringComparison.Ordinal))
        {
            throw new StorageException("The data must be in a file: name its path as the data source.");
        }

        var path = System.IO.Path.GetFullPath(settings.DataSource);
        CreateForOwnerOnly(path);
        settings.DataSource = path;
        settings.Mode = SqliteOpenMode.ReadWrite;
        settings.Pooling = false; // connections are kept open here, with their prepared statements
        return new SqliteFile(path, settings.ConnectionString);
    }

    public SqliteConnection OpenWriter() =>
        // FULL: a commit has reached the disk when it returns. The log is copied back by WriteAheadLog; its size is bounded after a burst.
        Open("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=0", "PRAGMA journal_size_limit=67108864");

    public SqliteConnection OpenReader() => Open("PRAGMA query_only=ON");

    /// <summary>A reader that looks rows up all over a large table: with a cache for the upper pages of its tree, 64 MiB where the file has as many.</summary>
    public SqliteConnection OpenHotReader() => Open("PRAGMA query_only=ON", "PRAGMA cache_size=-65536");

    /// <summary>Finds whether the disk has room: takes a little of it, and gives it back.</summary>
    /// <exception cref="IOException">It has none.</exception>
    public void TryGrow()
    {
        var path = $"{Path}.{Guid.NewGuid():N}";
        try
        {
            using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.DeleteOnClose, preallocationSize: Room);
        }
        finally
        {
            File.Delete(path); // where there was no room, it is left behind
        }
    }

    /// <summary>Writes one committed state into a new file; writers go on meanwhile.</summary>
    public void CopyTo(string path)
    {
        if (File.Exists(path))
        {
            throw new StorageException($"The file {path} is there already; a backup never overwrites one.");
        }

        try
        {
            CreateForOwnerOnly(path);
            using var connection = Open(); // a reader's would refuse, although this one writes elsewhere only
            using var copy = connection.CreateCommand();
            copy.CommandText = "VACUUM INTO $path";
            copy.CommandTimeout = 0;
            copy.Parameters.AddWithValue("$path", path);
            copy.ExecuteNonQuery();
        }
        catch (SqliteException e)
        {
            throw new StorageException($"The backup {path} could not be written: {e.Message}", e);
        }
    }

    private static SqliteConnectionStringBuilder Parse(string connectionString)
    {
        if (!connectionString.Contains('=', StringComparison.Ordinal))
        {
            return new SqliteConnectionStringBuilder { DataSource = connectionString };
        }

        try
        {
            return new SqliteConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException e)
        {
            // The connection string may hold a password, so it is not repeated.
            throw new StorageException("The connection string names no engine that this version knows: use \"Host=…;Username=…;Database=…\" for PostgreSQL, or \"Data Source=<file>\" for SQLite.", e);
        }
    }

    private static void CreateForOwnerOnly(string path)
    {
        var directory = System.IO.Path.GetDirectoryName(path)!;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(directory);
            }
            else
            {
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            // SQLite gives its log files the permissions of the data file. An existing file keeps its permissions.
            if (!File.Exists(path))
            {
                new FileStream(path, options).Dispose();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The data file {path} cannot be created: {e.Message}", e);
        }
    }

    private SqliteConnection Open(params string[] settings)
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();

            // One at a time: in a batch, errors after the first row are lost. Reading the schema at the end finds
            // a damaged or foreign file now and not at the first query.
            foreach (var sql in (string[])[.. Common, .. settings, "SELECT count(*) FROM sqlite_master"])
            {
                command.CommandText = sql;
                command.ExecuteScalar();
            }

            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw SqliteFailures.Explain(Path, e);
        }
    }
}

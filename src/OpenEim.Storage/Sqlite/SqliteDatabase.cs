using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Logging;

namespace OpenEim.Storage.Sqlite;

/// <summary>One SQLite file: many readers beside one writer that commits groups.</summary>
internal sealed class SqliteDatabase : Database
{
    private readonly SqliteFile _file;
    private readonly SqliteReaders _readers;
    private readonly SqliteReaders _longReaders;
    private readonly SqliteHotReaders _hot;
    private readonly SqliteWriter _writer;
    private readonly ILogger _logger;
    private readonly StorageMeter _meter;

    private SqliteDatabase(SqliteFile file, DatabaseOptions options)
        : base(options)
    {
        _file = file;
        _meter = options.Meter;
        _logger = options.LoggerFactory.CreateLogger("OpenEim.Storage");
        _hot = new SqliteHotReaders(file);
        _writer = new SqliteWriter(file, options, Health, _hot.EndSnapshots);
        _readers = new SqliteReaders(file, options.MaxReaders, options.ReadLimit);
        _longReaders = new SqliteReaders(file, options.MaxLongReaders, options.ReadLimit);
    }

    public override DbEngine Engine => DbEngine.Sqlite;

    public override string Name => _file.Path;

    public override DatabaseStatistics Statistics => _writer.Statistics;

    public static new SqliteDatabase Open(string connectionString, DatabaseOptions options) =>
        new(SqliteFile.Prepare(connectionString), options);

    public override int Upgrade(Assembly schemaAssembly) => SqliteUpgrade.Run(_file, schemaAssembly, _logger);

    public override SchemaState Schema(Assembly schemaAssembly) => SqliteUpgrade.Read(_file, schemaAssembly);

    public override void GrantTo(string role) => throw new StorageException("A SQLite file has no roles: whoever may open it may do everything.");

    public override Task BackupAsync(string path, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Task.Run(() => _file.CopyTo(Path.GetFullPath(path)), ct);
    }

    public override ValueTask<T> ReadAsync<T>(Func<DbSession, ValueTask<T>> read, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        return _meter.ReadAsync(() => ReadInTurnAsync(_readers, read, ct));
    }

    /// <summary>SQLite computes on the thread that asks; a thread of the pool would be missing to everybody else.</summary>
    public override ValueTask<T> ReadLongAsync<T>(Func<DbSession, ValueTask<T>> read, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        return _meter.ReadAsync(() => ReadInTurnAsync(
            _longReaders,
            session => new ValueTask<T>(Task.Factory.StartNew(
                () => read(session).AsTask().GetAwaiter().GetResult(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)),
            ct));
    }

    public override ValueTask<T?> ReadRowAsync<T>(RowByKey<T> statement, ReadOnlyMemory<byte> key, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(statement);
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T?>(ct);
        }

        _meter.RowRead();
        try
        {
            return new ValueTask<T?>(_hot.ReadRow(statement, key.Span));
        }
        catch (Exception e) when (SqliteFailures.IsUnavailableForReads(e))
        {
            throw Explain(e);
        }
    }

    public override Task<T> WriteAsync<T>(Func<DbSession, ValueTask<T>> write, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(write);
        return _meter.WriteAsync(() => _writer.WriteAsync(write, ct));
    }

    /// <summary>All writes of a file share transactions.</summary>
    public override Task<T> WriteTogetherAsync<T>(ReadOnlyMemory<byte> key, Func<DbSession, ValueTask<T>> write, CancellationToken ct = default) =>
        WriteAsync(write, ct);

    public override async ValueTask DisposeAsync()
    {
        // The readers go first: the last connection to close folds the log into the data file, and only a writer can.
        _readers.Dispose();
        _longReaders.Dispose();
        _hot.Dispose();
        await _writer.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<T> ReadInTurnAsync<T>(SqliteReaders readers, Func<DbSession, ValueTask<T>> read, CancellationToken ct)
    {
        await readers.WaitForTurnAsync(ct).ConfigureAwait(false);
        try
        {
            var reader = readers.Rent();
            try
            {
                return await reader.ReadAsync(read).ConfigureAwait(false);
            }
            finally
            {
                readers.Return(reader);
            }
        }
        catch (Exception e) when (SqliteFailures.IsUnavailableForReads(e))
        {
            throw Explain(e);
        }
        finally
        {
            readers.EndTurn();
        }
    }

    /// <summary>Room for what a busy second writes, and a commit that writes the file's first page as it is.</summary>
    private protected override async Task TryWriteAsync(CancellationToken ct)
    {
        try
        {
            _file.TryGrow();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException($"The disk that holds the data file {Name} fails or is full.", e);
        }

        await WriteAsync(
            async session =>
            {
                var version = await session.ExecuteScalarAsync<long>("PRAGMA user_version").ConfigureAwait(false);
                return await session.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={version}")).ConfigureAwait(false);
            },
            ct).ConfigureAwait(false);
    }

    /// <summary>A read finds damage only where it looks; until somebody mends the file, the host says that it is not ready.</summary>
    private Exception Explain(Exception e)
    {
        var told = SqliteFailures.Translate(Name, e);
        if (SqliteFailures.IsDamage(e))
        {
            Health.Failed(told.Message, isLasting: true);
        }

        return told;
    }
}

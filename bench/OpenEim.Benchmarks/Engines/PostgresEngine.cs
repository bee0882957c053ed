using System.Globalization;
using Npgsql;

namespace OpenEim.Benchmarks.Engines;

/// <summary>A PostgreSQL of this run's own, whose commits reach the disk.</summary>
internal sealed class PostgresEngine : IEngine
{
    private readonly PostgresProcess _process;
    private int _databases;

    private PostgresEngine(PostgresProcess process, string version) => (_process, Version) = (process, version);

    public string Name => "PostgreSQL";

    public string Version { get; }

    public string Series => "(SELECT n FROM generate_series(@first::bigint, @last::bigint) AS n)";

    /// <summary>Starts it; null where the machine has none.</summary>
    /// <param name="sharedBuffers">Its memory for pages, as its setting has it.</param>
    /// <param name="ct">Ends the start.</param>
    public static async Task<PostgresEngine?> StartAsync(string sharedBuffers, CancellationToken ct)
    {
        if (await PostgresProcess.StartAsync(sharedBuffers, ct).ConfigureAwait(false) is not { } process)
        {
            return null;
        }

        var version = await ExecuteAsync(process.ConnectionString("postgres"), "SHOW server_version").ConfigureAwait(false);
        return new PostgresEngine(process, $"PostgreSQL {version}, shared_buffers {sharedBuffers}, on the same machine");
    }

    public async Task<string> CreateAsync(string folder)
    {
        var name = $"bench_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync(_process.ConnectionString("postgres"), $"CREATE DATABASE {name}").ConfigureAwait(false);
        return _process.ConnectionString(name);
    }

    public string FromHex(string text) => $"decode({text}, 'hex')";

    public string Digits(string number, int count) => $"lpad(({number})::text, {count}, '0')";

    public string HexDigits(string number, int count) => $"lpad(to_hex({number}), {count}, '0')";

    /// <summary>The months in which operations ended long ago; the servers make those that come.</summary>
    public Task PrepareHistoryAsync(string connectionString, TimeSpan age) => ExecuteAsync(connectionString, string.Create(
        CultureInfo.InvariantCulture,
        $"SELECT openeim_add_month('operation', month) FROM generate_series(now() - interval '{age.TotalDays + 31} days', now(), interval '1 month') AS month"));

    public async Task SettleAsync(string connectionString)
    {
        await ExecuteAsync(connectionString, "VACUUM (ANALYZE)").ConfigureAwait(false);
        await ExecuteAsync(connectionString, "CHECKPOINT").ConfigureAwait(false);
    }

    public TimeSpan ProcessorTime() => _process.ProcessorTime();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Command Timeout=0");
        await using var closing = connection.ConfigureAwait(false);
        await connection.OpenAsync().ConfigureAwait(false);
        var command = connection.CreateCommand();
        await using var closingCommand = command.ConfigureAwait(false);
#pragma warning disable CA2100 // Statements of this program; none of their parts comes from outside.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync().ConfigureAwait(false);
    }
}

using Microsoft.Data.Sqlite;

namespace OpenEim.Benchmarks.Engines;

/// <summary>A file in this process.</summary>
internal sealed class SqliteEngine : IEngine
{
    public string Name => "SQLite";

    public string Version { get; } = ReadVersion();

    public string Series => "(WITH RECURSIVE series(n) AS (SELECT @first UNION ALL SELECT n + 1 FROM series WHERE n < @last) SELECT n FROM series)";

    public Task<string> CreateAsync(string folder) => Task.FromResult(Path.Combine(folder, "openeim.db"));

    public string FromHex(string text) => $"unhex({text})";

    public string Digits(string number, int count) => $"printf('%0{count}d', {number})";

    public string HexDigits(string number, int count) => $"printf('%0{count}x', {number})";

    public Task PrepareHistoryAsync(string connectionString, TimeSpan age) => Task.CompletedTask;

    public Task SettleAsync(string connectionString) => Task.CompletedTask;

    public TimeSpan ProcessorTime() => TimeSpan.Zero;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string ReadVersion()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        return $"SQLite {connection.ServerVersion}";
    }
}

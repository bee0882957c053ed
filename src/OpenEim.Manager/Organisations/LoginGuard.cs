using System.Net;
using OpenEim.Manager.Queries;
using OpenEim.Storage;

namespace OpenEim.Manager.Organisations;

/// <summary>Three failed logins in a row from one address lock it out for five minutes, on every node.</summary>
public sealed class LoginGuard(Database database, TimeProvider time)
{
    private const int MaxFailures = 3;

    private const string Find = "SELECT failures, last FROM login_failure WHERE address = @address";

    private const string Add = """
        INSERT INTO login_failure (address, failures, last) VALUES (@address, 1, @now)
        ON CONFLICT (address) DO UPDATE SET
            failures = CASE WHEN login_failure.last <= @over THEN 1 ELSE login_failure.failures + 1 END, last = excluded.last
        """;

    private static readonly TimeSpan Lockout = TimeSpan.FromMinutes(5);

    private long Over => time.NowMilliseconds() - (long)Lockout.TotalMilliseconds;

    /// <summary>Whether the address may not try at all, and whether it has failed before.</summary>
    public async ValueTask<(bool IsLocked, bool HasFailed)> LookAsync(IPAddress? address, CancellationToken ct = default)
    {
        if (address is null)
        {
            return default;
        }

        var row = await database.ReadAsync(
            session => session.QueryFirstOrDefaultAsync<Row>(Find, new { address = address.ToString() }), ct).ConfigureAwait(false);
        return (row?.Failures >= MaxFailures && row.Last > Over, row is not null);
    }

    /// <summary>One more failure.</summary>
    public Task FailedAsync(IPAddress? address, CancellationToken ct = default) => address is null
        ? Task.CompletedTask
        : database.WriteAsync(session => session.ExecuteAsync(Add, new { address = address.ToString(), now = time.NowMilliseconds(), over = Over }), ct);

    /// <summary>The failures of the address are forgotten.</summary>
    public Task SucceededAsync(IPAddress? address, CancellationToken ct = default) => address is null
        ? Task.CompletedTask
        : database.WriteAsync(session => session.ExecuteAsync("DELETE FROM login_failure WHERE address = @address", new { address = address.ToString() }), ct);

    /// <summary>Forgets failures that lock nobody out any more.</summary>
    public Task<int> PurgeAsync(CancellationToken ct = default) =>
        database.WriteAsync(session => session.ExecuteAsync("DELETE FROM login_failure WHERE last <= @over", new { over = Over }), ct);

    private sealed class Row
    {
        public long Failures { get; init; }

        public long Last { get; init; }
    }
}

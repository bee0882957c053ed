using System.Net;
using System.Net.Sockets;
using OpenEim.Storage;

namespace OpenEim.Manager.Organisations;

/// <summary>Three failed logins in a row from one address lock it out for five minutes, on every node.</summary>
/// <remarks>An IPv6 address stands for its /64, since one caller has all of them. A time that only a clock that was ahead can have written counts for nothing.</remarks>
public sealed class LoginGuard(Database database, TimeProvider time)
{
    private const int MaxFailures = 3;
    private const int Ipv6Prefix = 64;

    private const string Find = "SELECT failures, last FROM login_failure WHERE address = @address";

    private const string Add = """
        INSERT INTO login_failure (address, failures, last) VALUES (@address, 1, @now)
        ON CONFLICT (address) DO UPDATE SET
            failures = CASE WHEN login_failure.last <= @over OR login_failure.last > @believed THEN 1 ELSE login_failure.failures + 1 END,
            last = excluded.last
        """;

    private static readonly TimeSpan Lockout = TimeSpan.FromMinutes(5);

    private long Over => time.NowMilliseconds() - (long)Lockout.TotalMilliseconds;

    private long Believed => time.NowMilliseconds() + (long)Times.ClockTolerance.TotalMilliseconds;

    /// <summary>Whether the address may not try at all, and whether it has failed before.</summary>
    public async ValueTask<(bool IsLocked, bool HasFailed)> LookAsync(IPAddress? address, CancellationToken ct = default)
    {
        if (address is null)
        {
            return default;
        }

        var row = await database.ReadAsync(
            session => session.QueryFirstOrDefaultAsync<Row>(Find, new { address = NameOf(address) }), ct).ConfigureAwait(false);
        return (row?.Failures >= MaxFailures && row.Last > Over && row.Last <= Believed, row is not null);
    }

    /// <summary>One more failure.</summary>
    public Task FailedAsync(IPAddress? address, CancellationToken ct = default) => address is null
        ? Task.CompletedTask
        : database.WriteAsync(
            session => session.ExecuteAsync(
                Add, new { address = NameOf(address), now = time.NowMilliseconds(), over = Over, believed = Believed }), ct);

    /// <summary>The failures of the address are forgotten.</summary>
    public Task SucceededAsync(IPAddress? address, CancellationToken ct = default) => address is null
        ? Task.CompletedTask
        : database.WriteAsync(session => session.ExecuteAsync("DELETE FROM login_failure WHERE address = @address", new { address = NameOf(address) }), ct);

    /// <summary>Forgets failures that lock nobody out any more.</summary>
    public Task<int> PurgeAsync(CancellationToken ct = default) => database.WriteAsync(
        session => session.ExecuteAsync("DELETE FROM login_failure WHERE last <= @over OR last > @believed", new { over = Over, believed = Believed }), ct);

    private static string NameOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[(Ipv6Prefix / 8)..].Clear();
        return $"{new IPAddress(bytes)}/{Ipv6Prefix}";
    }

    private sealed class Row
    {
        public long Failures { get; init; }

        public long Last { get; init; }
    }
}

using System.Collections.Concurrent;
using System.Net;

namespace OpenEim.Server.Api;

/// <summary>Three failed logins in a row from one address lock it out for five minutes.</summary>
internal sealed class LoginGuard(TimeProvider time)
{
    private const int MaxFailures = 3;
    private const int MaxAddresses = 100_000;
    private static readonly TimeSpan Lockout = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<IPAddress, Failures> _byAddress = new();

    public bool IsLocked(IPAddress? address) =>
        address is not null && _byAddress.TryGetValue(address, out var failures) && failures.Count >= MaxFailures
        && time.GetUtcNow() < failures.Last + Lockout;

    public void Failed(IPAddress? address)
    {
        if (address is null)
        {
            return;
        }

        var now = time.GetUtcNow();
        if (_byAddress.Count >= MaxAddresses)
        {
            foreach (var old in _byAddress.Where(pair => pair.Value.Last + Lockout <= now))
            {
                _byAddress.TryRemove(old);
            }
        }

        _byAddress.AddOrUpdate(
            address,
            new Failures(1, now),
            (_, before) => new Failures(before.Last + Lockout <= now ? 1 : before.Count + 1, now));
    }

    public void Succeeded(IPAddress? address)
    {
        if (address is not null)
        {
            _byAddress.TryRemove(address, out _);
        }
    }

    private sealed record Failures(int Count, DateTimeOffset Last);
}

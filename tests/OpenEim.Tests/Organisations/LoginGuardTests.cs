using System.Net;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Manager.Organisations;
using OpenEim.Storage;

namespace OpenEim.Tests.Organisations;

/// <summary>The lockout after failed logins.</summary>
public abstract class LoginGuardTests(DbEngine engine) : IAsyncLifetime
{
    private static readonly IPAddress Address = IPAddress.Parse("192.0.2.7");

    private TestInstallation _eim = null!;
    private LoginGuard _guard = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _eim = await TestInstallation.StartAsync(engine);
        _guard = new LoginGuard(_eim.Database, _eim.Clock);
    }

    public ValueTask DisposeAsync() => _eim.DisposeAsync();

    [Fact]
    public async Task A_clock_that_was_ahead_locks_nobody_out_once_it_is_right_again()
    {
        var ahead = new LoginGuard(_eim.Database, new FakeTimeProvider(_eim.Clock.GetUtcNow().AddDays(400)));
        await FailAsync(ahead, Address, 3);
        Assert.Equal((true, true), await ahead.LookAsync(Address, Ct));

        Assert.Equal((false, true), await _guard.LookAsync(Address, Ct));
        await FailAsync(_guard, Address, 2);
        Assert.Equal((false, true), await _guard.LookAsync(Address, Ct));
        await FailAsync(_guard, Address, 1);
        Assert.Equal((true, true), await _guard.LookAsync(Address, Ct));
        _eim.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((false, true), await _guard.LookAsync(Address, Ct));
    }

    [Fact]
    public async Task What_a_clock_that_was_ahead_wrote_is_forgotten()
    {
        await FailAsync(new LoginGuard(_eim.Database, new FakeTimeProvider(_eim.Clock.GetUtcNow().AddMinutes(2))), Address, 3);
        Assert.Equal(1, await _guard.PurgeAsync(Ct));
        Assert.Equal((false, false), await _guard.LookAsync(Address, Ct));
    }

    [Fact]
    public async Task The_clocks_of_two_nodes_may_differ_by_a_minute()
    {
        await FailAsync(new LoginGuard(_eim.Database, new FakeTimeProvider(_eim.Clock.GetUtcNow().AddMinutes(1))), Address, 3);
        Assert.Equal(0, await _guard.PurgeAsync(Ct));
        Assert.Equal((true, true), await _guard.LookAsync(Address, Ct));
    }

    [Fact]
    public async Task An_IPv6_caller_is_his_64_and_an_IPv4_caller_is_his_address_however_it_is_reported()
    {
        await _guard.FailedAsync(IPAddress.Parse("2001:db8:1:2::1"), Ct);
        await _guard.FailedAsync(IPAddress.Parse("2001:db8:1:2:ffff::2"), Ct);
        await _guard.FailedAsync(IPAddress.Parse("2001:db8:1:2:3:4:5:6"), Ct);
        Assert.Equal((true, true), await _guard.LookAsync(IPAddress.Parse("2001:db8:1:2::9"), Ct));
        Assert.Equal((false, false), await _guard.LookAsync(IPAddress.Parse("2001:db8:1:3::1"), Ct));

        await FailAsync(_guard, IPAddress.Parse("::ffff:192.0.2.7"), 3);
        Assert.Equal((true, true), await _guard.LookAsync(Address, Ct));
        Assert.Equal((false, false), await _guard.LookAsync(IPAddress.Parse("192.0.2.8"), Ct));
        await _guard.SucceededAsync(Address, Ct);
        Assert.Equal((false, false), await _guard.LookAsync(IPAddress.Parse("::ffff:192.0.2.7"), Ct));
    }

    private static async Task FailAsync(LoginGuard guard, IPAddress address, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await guard.FailedAsync(address, Ct);
        }
    }
}

public sealed class LoginGuardTestsOnSqlite() : LoginGuardTests(DbEngine.Sqlite);

public sealed class LoginGuardTestsOnPostgres() : LoginGuardTests(DbEngine.Postgres);

using System.Net;
using OpenEim.Manager.Organisations;
using OpenEim.Storage;

namespace OpenEim.Tests.Organisations;

/// <summary>What the first start makes.</summary>
public abstract class FirstStartTests(DbEngine engine) : IAsyncLifetime
{
    private TestInstallation _eim = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _eim = await TestInstallation.StartAsync(engine);

    public ValueTask DisposeAsync() => _eim.DisposeAsync();

    [Fact]
    public async Task The_first_start_makes_one_administrator_with_a_token_and_later_starts_nothing()
    {
        string? handedOver = null;
        var token = await _eim.Store.EnsureFirstAsync("Home", "admin", text => handedOver = text, Ct);
        Assert.NotNull(token);
        Assert.Equal(token, handedOver);

        var login = await _eim.Tokens.LoginAsync(token, IPAddress.Loopback, Ct);
        Assert.Equal(("Home", "admin", Role.Administrator), (login.Principal?.Organisation.Name, login.Principal?.Member.Name, login.Principal?.Role));
        Assert.Null(await _eim.Store.EnsureFirstAsync("Home", "admin", _ => Assert.Fail("nothing to hand over"), Ct));
    }

    [Fact]
    public async Task A_token_that_could_not_be_handed_over_was_never_made()
    {
        await Assert.ThrowsAsync<IOException>(() => _eim.Store.EnsureFirstAsync("Home", "admin", _ => throw new IOException("disk full"), Ct));
        Assert.NotNull(await _eim.Store.EnsureFirstAsync("Home", "admin", _ => { }, Ct));
    }

    [Fact]
    public async Task Nodes_that_start_together_make_one_organisation()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _eim.Store.EnsureFirstAsync("Home", "admin", _ => { }, Ct)));
        Assert.Single(tokens, token => token is not null);
    }

    [Fact]
    public async Task A_member_needs_an_organisation()
    {
        await Assert.ThrowsAsync<KeyNotFoundException>(() => _eim.Store.AddMemberAsync(99, "nobody", Role.User, Ct));
        var acme = await _eim.Store.CreateAsync("Acme", Ct);
        Assert.Equal(acme, await _eim.Store.FindAsync(acme.Id, Ct));
        Assert.Null(await _eim.Store.FindAsync(acme.Id + 1, Ct));
    }
}

public sealed class FirstStartTestsOnSqlite() : FirstStartTests(DbEngine.Sqlite);

public sealed class FirstStartTestsOnPostgres() : FirstStartTests(DbEngine.Postgres);

using System.Buffers.Text;
using System.Net;
using System.Text;
using OpenEim.Manager.Organisations;
using OpenEim.Manager.Queries;
using OpenEim.Storage;

namespace OpenEim.Tests.Organisations;

/// <summary>Application tokens: hashed, limited in time and place, revocable, and of one organisation.</summary>
public abstract class ApplicationTokenTests(DbEngine engine) : IAsyncLifetime
{
    private TestInstallation _eim = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _eim = await TestInstallation.StartAsync(engine);

    public ValueTask DisposeAsync() => _eim.DisposeAsync();

    [Theory]
    [InlineData(Role.Administrator)]
    [InlineData(Role.User)]
    [InlineData(Role.Observer)]
    public async Task A_token_logs_in_as_the_member_who_made_it(Role role)
    {
        var member = await _eim.NewMemberAsync("Acme", role);
        var issued = await _eim.Tokens.CreateAsync(member.OrganisationId, member.Id, new NewApplicationToken(), null, Ct);
        var login = await LoginAsync(issued.Token);

        Assert.Equal(LoginOutcome.Succeeded, login.Outcome);
        Assert.Equal(new Principal(new Organisation(member.OrganisationId, "Acme"), member, issued.Id), login.Principal);
        Assert.Equal(role, login.Principal?.Role);
    }

    [Fact]
    public async Task The_text_of_a_token_is_never_in_the_data()
    {
        var member = await _eim.NewMemberAsync();
        var issued = await _eim.Tokens.CreateAsync(member.OrganisationId, member.Id, new NewApplicationToken { Description = "findable description" }, null, Ct);
        var random = Base64Url.DecodeFromChars(issued.Token.AsSpan(4));
        Assert.Equal(32, random.Length);

        Assert.True(await _eim.Data.HoldsAsync("findable description"u8.ToArray()));
        Assert.False(await _eim.Data.HoldsAsync(Encoding.ASCII.GetBytes(issued.Token)));
        Assert.False(await _eim.Data.HoldsAsync(random));
    }

    [Fact]
    public async Task A_wrong_token_is_unknown()
    {
        var member = await _eim.NewMemberAsync();
        var issued = await _eim.Tokens.CreateAsync(member.OrganisationId, member.Id, new NewApplicationToken(), null, Ct);

        foreach (var wrong in new[] { "", "x", issued.Token + "x", issued.Token[..^1], new string('x', 100_000) })
        {
            Assert.Equal(new LoginResult(LoginOutcome.Unknown, null), await LoginAsync(wrong));
        }
    }

    [Fact]
    public async Task A_token_works_until_the_millisecond_of_its_expiry()
    {
        var member = await _eim.NewMemberAsync();
        var expiry = _eim.Clock.GetUtcNow().AddDays(1);
        var issued = await _eim.Tokens.CreateAsync(member.OrganisationId, member.Id, new NewApplicationToken { ExpiryDate = expiry }, null, Ct);

        _eim.Clock.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(LoginOutcome.Succeeded, (await LoginAsync(issued.Token)).Outcome);
        Assert.True(await IsActiveAsync(member.OrganisationId, issued.Id));
        _eim.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(new LoginResult(LoginOutcome.Expired, null), await LoginAsync(issued.Token));
        Assert.False(await IsActiveAsync(member.OrganisationId, issued.Id));
    }

    [Fact]
    public async Task A_revoked_token_is_refused_and_what_it_had_issued_ends()
    {
        var member = await _eim.NewMemberAsync();
        var issued = await _eim.Tokens.CreateAsync(member.OrganisationId, member.Id, new NewApplicationToken(), null, Ct);
        Assert.True(await IsActiveAsync(member.OrganisationId, issued.Id));

        Assert.True(await _eim.Tokens.RevokeAsync(member.OrganisationId, issued.Id, Ct));
        Assert.Equal(new LoginResult(LoginOutcome.Revoked, null), await LoginAsync(issued.Token));
        Assert.False(await IsActiveAsync(member.OrganisationId, issued.Id));
    }

    [Fact]
    public async Task A_revocation_by_another_node_is_noticed_after_thirty_seconds()
    {
        var member = await _eim.NewMemberAsync();
        var issued = await _eim.Tokens.CreateAsync(member.OrganisationId, member.Id, new NewApplicationToken(), null, Ct);
        Assert.True(await IsActiveAsync(member.OrganisationId, issued.Id));

        await _eim.Database.WriteAsync(session => session.ExecuteAsync("UPDATE application_token SET status = 1"), Ct);
        _eim.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.True(await IsActiveAsync(member.OrganisationId, issued.Id));
        _eim.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await IsActiveAsync(member.OrganisationId, issued.Id));
    }

    [Theory]
    [InlineData("10.1.0.0/16", "10.1.2.3", true)]
    [InlineData("10.1.0.0/16", "::ffff:10.1.2.3", true)]
    [InlineData("10.1.0.0/16", "10.2.0.1", false)]
    [InlineData("10.1.0.0/16", "2001:db8::1", false)]
    [InlineData("192.0.2.7", "192.0.2.7", true)]
    [InlineData("192.0.2.7", "192.0.2.8", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("2001:db8::5", "2001:db8::5", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("10.1.0.0/16", null, false)]
    public async Task A_token_bound_to_a_range_works_from_there_only(string range, string? from, bool works)
    {
        var member = await _eim.NewMemberAsync();
        Assert.True(AddressRange.TryParse(range, out var ip));
        var issued = await _eim.Tokens.CreateAsync(member.OrganisationId, member.Id, new NewApplicationToken { Ip = ip }, null, Ct);

        var address = from is null ? null : IPAddress.Parse(from);
        var login = await _eim.Tokens.LoginAsync(issued.Token, address, Ct);
        var outcome = works ? LoginOutcome.Succeeded : LoginOutcome.AddressNotAllowed;
        Assert.Equal(outcome, login.Outcome);
        Assert.Equal(works, login.Principal is not null);
        Assert.Equal(new TokenUse(outcome, Role.Administrator), await _eim.Tokens.UseAsync(member.OrganisationId, issued.Id, address, Ct));
    }

    [Fact]
    public async Task A_role_that_is_taken_away_is_gone_after_thirty_seconds()
    {
        var member = await _eim.NewMemberAsync();
        var issued = await _eim.Tokens.CreateAsync(member.OrganisationId, member.Id, new NewApplicationToken(), null, Ct);
        Assert.Equal(Role.Administrator, (await _eim.Tokens.UseAsync(member.OrganisationId, issued.Id, IPAddress.Loopback, Ct)).Role);

        await _eim.Database.WriteAsync(session => session.ExecuteAsync("UPDATE member SET role = 3"), Ct);
        _eim.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(Role.Observer, (await _eim.Tokens.UseAsync(member.OrganisationId, issued.Id, IPAddress.Loopback, Ct)).Role);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/")]
    [InlineData("everywhere")]
    [InlineData("2001:db8::/129")]
    [InlineData("[::1]:80")]
    [InlineData("fe80::1%2")]
    [InlineData("10.1")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("2001:db8::1/32")]
    public void What_is_no_range_is_refused(string? text) => Assert.False(AddressRange.TryParse(text, out _));

    [Fact]
    public async Task The_list_shows_what_was_chosen_in_pages()
    {
        var member = await _eim.NewMemberAsync();
        Assert.True(AddressRange.TryParse("192.0.2.7", out var ip));
        var expiry = _eim.Clock.GetUtcNow().AddHours(1);
        var first = await _eim.Tokens.CreateAsync(member.OrganisationId, member.Id, new NewApplicationToken { Description = "ci", ExpiryDate = expiry, Ip = ip }, null, Ct);
        var second = await _eim.Tokens.CreateAsync(member.OrganisationId, member.Id, new NewApplicationToken(), null, Ct);
        await _eim.Tokens.RevokeAsync(member.OrganisationId, second.Id, Ct);

        var page = await _eim.Tokens.ListAsync(member.OrganisationId, null, null, new PageRequest(1, 1), Ct);
        Assert.Equal(2, page.Total);
        Assert.Equal(
            new ApplicationToken
            {
                Id = first.Id,
                Description = "ci",
                Created = _eim.Clock.GetUtcNow(),
                Status = ApplicationTokenStatus.Activated,
                ExpiryDate = expiry,
                Ip = "192.0.2.7/32",
                CreatorId = member.Id,
                CreatorName = "Administrator of Acme",
            },
            Assert.Single(page.Items));
        var rest = Assert.Single((await _eim.Tokens.ListAsync(member.OrganisationId, null, null, new PageRequest(2, 1), Ct)).Items);
        Assert.Equal((second.Id, ApplicationTokenStatus.Revoked, null, null), (rest.Id, rest.Status, rest.ExpiryDate, rest.Ip));
    }

    [Fact]
    public async Task Organisations_do_not_reach_each_others_tokens_or_members()
    {
        var acme = await _eim.NewMemberAsync("Acme");
        var other = await _eim.NewMemberAsync("Other");
        var issued = await _eim.Tokens.CreateAsync(acme.OrganisationId, acme.Id, new NewApplicationToken(), null, Ct);

        Assert.Empty((await _eim.Tokens.ListAsync(other.OrganisationId, null, null, new PageRequest(1, 10), Ct)).Items);
        Assert.Equal(0, (await _eim.Tokens.ListAsync(other.OrganisationId, null, null, new PageRequest(1, 10), Ct)).Total);
        Assert.False(await _eim.Tokens.RevokeAsync(other.OrganisationId, issued.Id, Ct));
        Assert.False(await IsActiveAsync(other.OrganisationId, issued.Id));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => _eim.Tokens.CreateAsync(other.OrganisationId, acme.Id, new NewApplicationToken(), null, Ct));
        Assert.Equal(LoginOutcome.Succeeded, (await LoginAsync(issued.Token)).Outcome);
    }

    private async ValueTask<bool> IsActiveAsync(long organisation, long token) =>
        (await _eim.Tokens.UseAsync(organisation, token, IPAddress.Loopback, Ct)).Outcome == LoginOutcome.Succeeded;

    private ValueTask<LoginResult> LoginAsync(string token) => _eim.Tokens.LoginAsync(token, IPAddress.Loopback, Ct);
}

public sealed class ApplicationTokenTestsOnSqlite() : ApplicationTokenTests(DbEngine.Sqlite);

public sealed class ApplicationTokenTestsOnPostgres() : ApplicationTokenTests(DbEngine.Postgres);

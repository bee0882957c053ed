using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenEim.Manager.Organisations;
using OpenEim.Server.Api;
using OpenEim.Storage;
using OpenEim.Tests.Organisations;

namespace OpenEim.Tests.Api;

/// <summary>What is looked at in an auth_token, with every request.</summary>
public abstract class AuthTokenTests(DbEngine engine) : IAsyncLifetime
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    private TestInstallation _eim = null!;
    private AuthTokens _tokens = null!;
    private Principal _principal = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private DateTime Now => _eim.Clock.GetUtcNow().UtcDateTime;

    public async ValueTask InitializeAsync()
    {
        _eim = await TestInstallation.StartAsync(engine);
        _tokens = new AuthTokens(_eim.Tokens, Key, _eim.Clock);
        var member = await _eim.NewMemberAsync();
        var issued = await _eim.Tokens.CreateAsync(member.OrganisationId, member.Id, new NewApplicationToken(), null, Ct);
        _principal = (await _eim.Tokens.LoginAsync(issued.Token, IPAddress.Loopback, Ct)).Principal!;
    }

    public ValueTask DisposeAsync() => _eim.DisposeAsync();

    [Fact]
    public async Task A_token_is_good_from_its_issue_for_240_minutes()
    {
        var token = _tokens.Issue(_principal);
        Assert.Equal(_principal.TokenId, (await ReadAsync(token)).TokenId);
        _eim.Clock.Advance(TimeSpan.FromMinutes(240) - TimeSpan.FromSeconds(1));
        Assert.Equal(Role.Administrator, (await ReadAsync(token)).Role);
        _eim.Clock.Advance(TimeSpan.FromSeconds(1));
        await AssertRefusedAsync(token, 1103);
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public async Task A_token_of_a_clock_that_was_ahead_by_more_than_a_minute_is_not_good_yet(int seconds, bool isGood)
    {
        var token = new AuthTokens(_eim.Tokens, Key, new FakeTimeProvider(_eim.Clock.GetUtcNow().AddSeconds(seconds))).Issue(_principal);
        if (isGood)
        {
            Assert.Equal(_principal.TokenId, (await ReadAsync(token)).TokenId);
        }
        else
        {
            await AssertRefusedAsync(token, 1102);
            _eim.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(_principal.TokenId, (await ReadAsync(token)).TokenId);
        }
    }

    [Fact]
    public async Task Nothing_but_our_own_algorithm_key_issuer_audience_and_times_is_taken()
    {
        Assert.Equal(_principal.TokenId, (await ReadAsync(Make(_ => { }))).TokenId);
        await AssertRefusedAsync(Make(token => token.Audience = "another"), 1102);
        await AssertRefusedAsync(Make(token => token.Audience = null), 1102);
        await AssertRefusedAsync(Make(token => token.Issuer = "another"), 1102);
        await AssertRefusedAsync(Make(token => token.Issuer = null), 1102);
        await AssertRefusedAsync(Make(token => token.SigningCredentials = null), 1102);
        await AssertRefusedAsync(Make(token => token.SigningCredentials = With(RandomNumberGenerator.GetBytes(32), SecurityAlgorithms.HmacSha256)), 1102);
        await AssertRefusedAsync(Make(token => token.SigningCredentials = With([.. Key, .. Key], SecurityAlgorithms.HmacSha512)), 1102);
        await AssertRefusedAsync(Make(token => token.NotBefore = Now.AddMinutes(2)), 1102);
        await AssertRefusedAsync(Make(token => token.IssuedAt = Now.AddMinutes(2)), 1102);
        await AssertRefusedAsync(Make(token => (token.NotBefore, token.Expires) = (Now.AddMinutes(-2), Now)), 1103);
        await AssertRefusedAsync(Make(_ => { }) + "x", 1102);
        await AssertRefusedAsync("", 1102);
    }

    private static SigningCredentials With(byte[] key, string algorithm) => new(new SymmetricSecurityKey(key), algorithm);

    private string Make(Action<SecurityTokenDescriptor> change)
    {
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = "openeim",
            Audience = "openeim-api",
            IssuedAt = Now,
            NotBefore = Now,
            Expires = Now.AddMinutes(1),
            SigningCredentials = With(Key, SecurityAlgorithms.HmacSha256),
            Subject = new ClaimsIdentity(
            [
                new Claim("sub", $"{_principal.Member.Id}"), new Claim("name", "x"), new Claim("organisation", $"{_principal.Organisation.Id}"),
                new Claim("role", "Administrator"), new Claim("application_token", $"{_principal.TokenId}"),
            ]),
        };
        change(descriptor);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    private ValueTask<Caller> ReadAsync(string token) => _tokens.ReadAsync($"Bearer {token}", IPAddress.Loopback, Ct);

    private async Task AssertRefusedAsync(string token, int code)
    {
        var refused = await Assert.ThrowsAsync<ApiException>(async () => await ReadAsync(token));
        Assert.Equal((401, code), (refused.Status, refused.ToJson()["error_code"]!.GetValue<int>()));
    }
}

public sealed class AuthTokenTestsOnSqlite() : AuthTokenTests(DbEngine.Sqlite);

public sealed class AuthTokenTestsOnPostgres() : AuthTokenTests(DbEngine.Postgres);

using System.Globalization;
using System.Net;
using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenEim.Manager.Organisations;
using OpenEim.Manager.Queries;

namespace OpenEim.Server.Api;

/// <summary>Who calls, as the auth_token says.</summary>
internal sealed record Caller(long OrganisationId, long MemberId, string MemberName, Role Role, long TokenId)
{
    /// <summary>As those who read lists are told apart.</summary>
    public ListCaller Lists => new(OrganisationId, TokenId);
}

/// <summary>Issues and reads the auth_tokens: JWTs of 240 minutes, which end within a minute when their application token is revoked.</summary>
/// <remarks>
/// Signed with HMAC-SHA256 for one issuer and one audience; nothing else is taken, whatever the token says of itself. What its application
/// token may do is looked up with every request: the role in it is for the caller to read.
/// </remarks>
internal sealed class AuthTokens(ApplicationTokens tokens, byte[] key, TimeProvider time)
{
    private const string Issuer = "openeim";
    private const string Audience = "openeim-api";
    private const string OrganisationClaim = "organisation";
    private const string RoleClaim = "role";
    private const string TokenClaim = "application_token";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(240);

    /// <summary>How far the clock of the node that issued a token may be ahead of ours.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    private readonly SymmetricSecurityKey _key = new(key);
    private readonly TokenValidationParameters _rules = new()
    {
        ValidIssuer = Issuer,
        ValidAudience = Audience,
        IssuerSigningKey = new SymmetricSecurityKey(key),
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        RequireSignedTokens = true,
        LifetimeValidator = (_, _, _, _) => true, // by our own clock, below
    };

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    public ApplicationTokens Applications => tokens;

    public string Issue(Principal principal)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + Lifetime,
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.HmacSha256),
            Subject = new ClaimsIdentity(
            [
                new Claim(JwtRegisteredClaimNames.Sub, Text(principal.Member.Id)),
                new Claim(JwtRegisteredClaimNames.Name, principal.Member.Name),
                new Claim(OrganisationClaim, Text(principal.Organisation.Id)),
                new Claim(RoleClaim, principal.Role.ToString()),
                new Claim(TokenClaim, Text(principal.TokenId)),
            ]),
        });
    }

    /// <param name="authorization">The header.</param>
    /// <param name="address">Where the request comes from.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ApiException">401: the token is missing, bad, expired or revoked. 403: it may not be used from this address.</exception>
    public async ValueTask<Caller> ReadAsync(string? authorization, IPAddress? address, CancellationToken ct)
    {
        if (authorization is null || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid("An auth_token is required: Authorization: Bearer <auth_token>");
        }

        var result = await _handler.ValidateTokenAsync(authorization["Bearer ".Length..].Trim(), _rules).ConfigureAwait(false);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token)
        {
            throw Invalid("The auth_token is not valid");
        }

        CheckTimes(token);
        var organisation = Number(token, OrganisationClaim);
        var tokenId = Number(token, TokenClaim);
        var use = await tokens.UseAsync(organisation, tokenId, address, ct).ConfigureAwait(false);
        return use.Outcome switch
        {
            LoginOutcome.Succeeded => new Caller(
                organisation, Number(token, JwtRegisteredClaimNames.Sub), token.GetClaim(JwtRegisteredClaimNames.Name).Value, use.Role, tokenId),

            // Not 401: callers would log in again without end.
            LoginOutcome.AddressNotAllowed => throw ApiException.Forbidden("The application token of this auth_token may not be used from this address"),
            _ => throw Invalid("The application token of this auth_token was revoked"),
        };
    }

    private void CheckTimes(JsonWebToken token)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (token.ValidTo <= now)
        {
            throw ApiException.Unauthorized(1103, "TokenExpired", "The auth_token has expired");
        }

        // Issued while a clock was ahead: it would be good for longer than any other.
        if (token.ValidFrom > now + ClockTolerance || token.IssuedAt > now + ClockTolerance)
        {
            throw Invalid("The auth_token is not valid yet");
        }
    }

    private static ApiException Invalid(string message) => ApiException.Unauthorized(1102, "InvalidToken", message);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(JsonWebToken token, string claim) => long.Parse(token.GetClaim(claim).Value, CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenEim.Manager.Organisations;

namespace OpenEim.Server.Api;

/// <summary>Who calls, as the auth_token says.</summary>
internal sealed record Caller(long OrganisationId, long MemberId, string MemberName, Role Role, long TokenId);

/// <summary>Issues and reads the auth_tokens: JWTs of 240 minutes, which end within a minute when their application token is revoked.</summary>
internal sealed class AuthTokens(ApplicationTokens tokens, byte[] key, TimeProvider time)
{
    private const string Issuer = "openeim";
    private const string OrganisationClaim = "organisation";
    private const string RoleClaim = "role";
    private const string TokenClaim = "application_token";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(240);

    private readonly SymmetricSecurityKey _key = new(key);
    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    public ApplicationTokens Applications => tokens;

    public string Issue(Principal principal)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
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

    /// <exception cref="ApiException">401: the token is missing, bad, expired or revoked.</exception>
    public async ValueTask<Caller> ReadAsync(string? authorization, CancellationToken ct)
    {
        if (authorization is null || !authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            throw ApiException.Unauthorized(1102, "InvalidToken", "An auth_token is required: Authorization: Bearer <auth_token>");
        }

        var result = await _handler.ValidateTokenAsync(authorization["Bearer ".Length..].Trim(), new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidateAudience = false,
            IssuerSigningKey = _key,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            LifetimeValidator = (_, _, _, _) => true,
        }).ConfigureAwait(false);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken token)
        {
            throw ApiException.Unauthorized(1102, "InvalidToken", "The auth_token is not valid");
        }

        if (token.ValidTo <= time.GetUtcNow().UtcDateTime)
        {
            throw ApiException.Unauthorized(1103, "TokenExpired", "The auth_token has expired");
        }

        var caller = new Caller(
            Number(token, OrganisationClaim),
            Number(token, JwtRegisteredClaimNames.Sub),
            token.GetClaim(JwtRegisteredClaimNames.Name).Value,
            Enum.Parse<Role>(token.GetClaim(RoleClaim).Value),
            Number(token, TokenClaim));
        return await tokens.IsActiveAsync(caller.OrganisationId, caller.TokenId, ct).ConfigureAwait(false)
            ? caller
            : throw ApiException.Unauthorized(1102, "InvalidToken", "The application token of this auth_token was revoked");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(JsonWebToken token, string claim) => long.Parse(token.GetClaim(claim).Value, CultureInfo.InvariantCulture);
}

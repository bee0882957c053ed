using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenEim.Manager.Organisations;

namespace OpenEim.Server.Api;

/// <summary>POST /api/v1/authenticate: an application token for an auth_token.</summary>
internal static partial class AuthenticateResource
{
    public static void Map(WebApplication app, AuthTokens tokens, LoginGuard guard, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger("OpenEim.Server.Authenticate");
        app.MapPost("/api/v1/authenticate", async (HttpContext context) =>
        {
            var address = context.Connection.RemoteIpAddress;
            var (isLocked, hasFailed) = await guard.LookAsync(address, context.RequestAborted);
            if (isLocked)
            {
                throw new ApiException(401, 1105, "TooManyRequests", "Too many failed logins from this address; try again in five minutes");
            }

            var body = await JsonBody.ReadAsync(context);
            if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("application_token", out var field) || field.ValueKind != JsonValueKind.String)
            {
                throw ApiException.Invalid([FieldError.Required("application_token is required, as a string")]);
            }

            var login = await tokens.Applications.LoginAsync(field.GetString()!, address, context.RequestAborted);
            if (login.Principal is not { } principal)
            {
                await guard.FailedAsync(address, context.RequestAborted);
                LogRefused(logger, address, login.Outcome);

                // The one exception of the contract: a bad application token gets an empty body.
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }

            if (hasFailed)
            {
                await guard.SucceededAsync(address, context.RequestAborted);
            }

            LogLoggedIn(logger, principal.Member.Name, principal.Organisation.Name, principal.Role);
            await JsonBody.WriteAsync(context, new JsonObject { ["auth_token"] = tokens.Issue(principal) });
        }).WithMetadata(new OpenToAll());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Member} of {Organisation} logged in as {Role}")]
    private static partial void LogLoggedIn(ILogger logger, string member, string organisation, Role role);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A login from {Address} was refused: {Outcome}")]
    private static partial void LogRefused(ILogger logger, IPAddress? address, LoginOutcome outcome);
}

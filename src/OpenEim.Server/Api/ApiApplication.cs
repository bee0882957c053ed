using System.Net;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Organisations;
using OpenEim.Manager.Packages;
using OpenEim.Manager.Queries;

namespace OpenEim.Server.Api;

/// <summary>What the resources work with.</summary>
internal sealed record ApiServices
{
    public required AuthTokens AuthTokens { get; init; }

    public required LoginGuard LoginGuard { get; init; }

    public required EuiccDirectory Euiccs { get; init; }

    public required OperationBook Operations { get; init; }

    public required EimIdentity Identity { get; init; }
}

/// <summary>The listener of the REST API.</summary>
internal static partial class ApiApplication
{
    private const long MaxBodyBytes = 4 * 1024 * 1024;
    private static readonly object CallerKey = new();

    public static WebApplication Build(Uri url, ILoggerFactory loggers, ApiServices services)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(loggers);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Listen(new IPEndPoint(ServerOptions.AddressOf(url), url.Port));
        });
        var app = builder.Build();
        var logger = loggers.CreateLogger("OpenEim.Server.Api");
        app.Use((context, next) => AnswerErrorsAsync(context, next, logger));
        app.UseRouting();
        app.Use(async (context, next) =>
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is null && context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
            {
                await AuthorizeAsync(context, services.AuthTokens).ConfigureAwait(false);
            }

            await next(context).ConfigureAwait(false);
        });
        AuthenticateResource.Map(app, services.AuthTokens, services.LoginGuard, loggers);
        ApplicationTokenResource.Map(app, services.AuthTokens.Applications);
        ReferenceLists.Map(app);
        EimResource.Map(app, services.Identity);
        EuiccResource.Map(app, services.Euiccs, services.Identity.EimId);
        OperationResource.Map(app, services.Operations);
        app.MapGet("/health/live", () => Results.Text("live"));
        app.MapFallback(IResult (HttpContext _) => throw ApiException.NotFound("There is no such resource"));
        return app;
    }

    public static Caller Caller(this HttpContext context) => (Caller)context.Items[CallerKey]!;

    private static async Task AuthorizeAsync(HttpContext context, AuthTokens tokens)
    {
        var caller = await tokens.ReadAsync(context.Request.Headers.Authorization, context.RequestAborted).ConfigureAwait(false);
        if (caller.Role == Role.Observer && !HttpMethods.IsGet(context.Request.Method))
        {
            throw ApiException.Forbidden("An Observer may only read");
        }

        context.Items[CallerKey] = caller;
    }

    private static async Task AnswerErrorsAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (ApiException e)
        {
            await AnswerAsync(context, e).ConfigureAwait(false);
        }
        catch (QueryException e)
        {
            await AnswerAsync(context, e.IsSort
                ? new ApiException(400, 1302, "InvalidSortCriteria", e.Message)
                : new ApiException(400, 1301, "InvalidQueryCriteria", e.Message)).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            await AnswerAsync(context, new ApiException(e.StatusCode, 1000, "BadRequest", "The request cannot be read, or is too large")).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && !context.Response.HasStarted)
        {
            var correlationId = context.TraceIdentifier;
            LogFailed(logger, e, correlationId);
            await AnswerAsync(context, ApiException.Internal(correlationId)).ConfigureAwait(false);
        }
    }

    private static async Task AnswerAsync(HttpContext context, ApiException error)
    {
        context.Response.StatusCode = error.Status;
        await JsonBody.WriteAsync(context, error.ToJson()).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed; correlation id {CorrelationId}")]
    private static partial void LogFailed(ILogger logger, Exception exception, string correlationId);
}

/// <summary>Marks the routes that need no auth_token.</summary>
internal sealed class OpenToAll;

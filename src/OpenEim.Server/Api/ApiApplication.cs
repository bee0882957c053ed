using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Net.Http.Headers;
using OpenEim.Hosting.Listeners;
using OpenEim.Hosting.Running;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Organisations;
using OpenEim.Manager.Stock;

namespace OpenEim.Server.Api;

/// <summary>What the resources work with.</summary>
internal sealed record ApiServices
{
    public required AuthTokens AuthTokens { get; init; }

    public required LoginGuard LoginGuard { get; init; }

    public required EuiccDirectory Euiccs { get; init; }

    public required EuiccRecords EuiccRecords { get; init; }

    public required RegistrationReader Registrations { get; init; }

    public required OperationBook Operations { get; init; }

    public required BulkScheduler BulkScheduler { get; init; }

    public required StockBook Stock { get; init; }

    public required StockOrders StockOrders { get; init; }

    public required EimIdentity Identity { get; init; }

    public required IdempotentPosts Posts { get; init; }

    public required Readiness Readiness { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <summary>The listener of the REST API.</summary>
internal static class ApiApplication
{
    public const int MaxBodyBytes = 4 * 1024 * 1024;

    private static readonly object CallerKey = new();

    private static readonly string[] ExposedHeaders =
    [
        "X-Total-Count", "X-Total-Pages", "X-Current-Page", "X-Count-Per-Page", "X-Filter", "X-Sort",
        HeaderNames.Link, HeaderNames.Location, HeaderNames.RetryAfter, RequestIds.Header,
    ];

    public static WebApplication Build(ServerOptions options, BoundAddress address, X509Certificate2? certificate, RunningHost host, ApiServices services)
    {
        var listener = new HostListener("rest", address, certificate, MaxBodyBytes);
        var builder = listener.CreateBuilder(host);
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. options.CorsOrigins]).AllowAnyHeader().AllowAnyMethod().WithExposedHeaders(ExposedHeaders)));
        AddRateLimit(builder.Services, options);
        var app = builder.Build();
        listener.UseFirst(app, host);
        var errors = host.Loggers.CreateLogger<ErrorAnswers>();
        RequestIds.Use(app, errors);
        UsePipeline(app, options, services.AuthTokens, new ErrorAnswers(errors));
        AuthenticateResource.Map(app, services.AuthTokens, services.LoginGuard, host.Loggers);
        ApplicationTokenResource.Map(app, services.Posts, services.AuthTokens.Applications, services.Time);
        ReferenceLists.Map(app);
        EimResource.Map(app, services.Identity);
        EuiccResource.Map(app, services);
        OperationResource.Map(app, services.Posts, services.Operations);
        BulkOperationResource.Map(app, services.Posts, services.BulkScheduler);
        ProfileResource.Map(app, services.Posts, services.Stock, services.StockOrders);
        HealthResource.Map(app, services.Readiness);
        return app;
    }

    public static Caller Caller(this HttpContext context) => (Caller)context.Items[CallerKey]!;

    private static void UsePipeline(WebApplication app, ServerOptions options, AuthTokens tokens, ErrorAnswers errors)
    {
        app.Use(errors.InvokeAsync);
        var address = new PublicAddress(options);
        app.Use(address.RememberAsync);
        ForwardedAddress.Use(app, options.TrustedProxies, ForwardedHeaders.All & ~ForwardedHeaders.XForwardedPrefix);
        app.Use(address.SettleAsync);
        app.UseRouting();
        app.UseCors();
        app.Use((context, next) => AuthenticateAsync(context, next, tokens));
        app.UseRateLimiter();
        app.Use(Authorise);
    }

    /// <summary>One bucket for each application token, forgotten when it has been full for a while.</summary>
    private static void AddRateLimit(IServiceCollection services, ServerOptions options)
    {
        var bucket = new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.RequestBurst,
            TokensPerPeriod = options.RequestsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        };

        // Made by the container, so that it ends with the application.
        services.AddSingleton(_ => PartitionedRateLimiter.Create<HttpContext, long>(context => context.Items[CallerKey] is Caller caller
            ? RateLimitPartition.GetTokenBucketLimiter(caller.TokenId, _ => bucket)
            : RateLimitPartition.GetNoLimiter(0L)));
        services.AddRateLimiter(limiter => limiter.OnRejected = (rejected, _) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var time) ? time : TimeSpan.FromSeconds(1);
            rejected.HttpContext.Response.Headers.RetryAfter =
                Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            throw ApiException.TooManyRequests();
        });
        services.AddOptions<RateLimiterOptions>().Configure<PartitionedRateLimiter<HttpContext>>(
            (rateLimiter, limiter) => rateLimiter.GlobalLimiter = limiter);
    }

    private static async Task AuthenticateAsync(HttpContext context, RequestDelegate next, AuthTokens tokens)
    {
        // Every route but the marked ones, and whatever is no route but could be one of the API's.
        var endpoint = context.GetEndpoint();
        if (endpoint is null ? context.Request.Path.StartsWithSegments("/api") : endpoint.Metadata.GetMetadata<OpenToAll>() is null)
        {
            context.Items[CallerKey] = await tokens.ReadAsync(
                context.Request.Headers.Authorization, context.Connection.RemoteIpAddress, context.RequestAborted).ConfigureAwait(false);
        }

        await next(context).ConfigureAwait(false);
    }

    /// <summary>Before anything that a request can cause, a kept answer included: what the route is for decides, not what its handler finds.</summary>
    private static Task Authorise(HttpContext context, RequestDelegate next)
    {
        if (context.Items[CallerKey] is not Caller caller)
        {
            return next(context);
        }

        var marks = context.GetEndpoint()?.Metadata;
        if (marks?.GetMetadata<AdministratorsOnly>() is { } only && caller.Role != Role.Administrator)
        {
            throw ApiException.Forbidden($"Only an Administrator {only.What}");
        }

        var reads = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || marks?.GetMetadata<ReadsOnly>() is not null;
        return caller.Role == Role.Observer && !reads ? throw ApiException.Forbidden("An Observer may only read") : next(context);
    }
}

/// <summary>Marks the routes that need no auth_token.</summary>
internal sealed class OpenToAll;

/// <summary>Marks the POSTs that change nothing, which an Observer may use.</summary>
internal sealed class ReadsOnly;

/// <summary>Marks the routes that are for administrators.</summary>
/// <param name="What">What only they do.</param>
internal sealed record AdministratorsOnly(string What);

using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace OpenEim.Server;

/// <summary>What the listeners of one host share.</summary>
internal sealed record HostParts(ILoggerFactory Loggers, Telemetry Telemetry, Shutdown Shutdown);

/// <summary>One listener: where it listens, and how the framework serves it.</summary>
/// <param name="Name">The interface, as it stands in metrics.</param>
/// <param name="Url">The address.</param>
/// <param name="Certificate">The TLS server's; null for plain HTTP.</param>
/// <param name="MaxBodyBytes">The longest request.</param>
internal sealed record HostListener(string Name, Uri Url, X509Certificate2? Certificate, long MaxBodyBytes)
{
    /// <summary>More about TLS.</summary>
    public Action<HttpsConnectionAdapterOptions>? Https { get; init; }

    /// <summary>Whether the framework traces every request. Where devices poll it does not: what is worth it is traced by ourselves.</summary>
    public bool IsTraced { get; init; } = true;

    /// <summary>How many connections may be open at the same time; 0 for any number.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Decides which connections are kept; null for all.</summary>
    public ConnectionGate? Gate { get; init; }

    /// <summary>Sees each connection that is kept, before its first byte.</summary>
    public Action<ConnectionContext>? OnConnection { get; init; }

    public WebApplicationBuilder CreateBuilder(HostParts host)
    {
        // Else it watches the working folder and all below it for a changed appsettings.json, the data folder with its every write included.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.Services.AddSingleton(host.Loggers);
        builder.Services.AddSingleton<IMeterFactory>(host.Telemetry.Meters);
        builder.Services.AddSingleton(IsTraced ? host.Telemetry.Requests : host.Telemetry.Untraced);
        if (!IsTraced)
        {
            builder.Services.AddSingleton(host.Telemetry.Unheard);
        }

        // The process decides when it stops, not each of its listeners.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections == 0 ? null : MaxConnections;
            kestrel.Listen(new IPEndPoint(ServerOptions.AddressOf(Url), Url.Port), listener =>
            {
                if (Gate is { } gate)
                {
                    listener.Use(next => connection => gate.OnConnectionAsync(connection, next));
                }

                if (OnConnection is { } prepare)
                {
                    listener.Use(next => connection =>
                    {
                        prepare(connection);
                        return next(connection);
                    });
                }

                if (Certificate is not null)
                {
                    listener.UseHttps(https =>
                    {
                        https.ServerCertificate = Certificate;
                        Https?.Invoke(https);
                    });
                }
            });
        });
        return builder;
    }

    /// <summary>Comes before everything else in the pipeline; allocates nothing.</summary>
    public void UseFirst(WebApplication app, HostParts host)
    {
        var name = new KeyValuePair<string, object?>("openeim.interface", Name);
        app.Use((context, next) =>
        {
            context.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(name);
            host.Shutdown.Announce(context);
            return next(context);
        });
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

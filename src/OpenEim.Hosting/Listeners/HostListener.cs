using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using OpenEim.Hosting.Running;

namespace OpenEim.Hosting.Listeners;

/// <summary>One listener: where it listens, and how the framework serves it.</summary>
/// <param name="Name">The interface, as it stands in metrics.</param>
/// <param name="Address">Where.</param>
/// <param name="Certificate">The TLS server's; null for plain HTTP.</param>
/// <param name="MaxBodyBytes">The longest request.</param>
public sealed record HostListener(string Name, BoundAddress Address, X509Certificate2? Certificate, long MaxBodyBytes)
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

    /// <summary>Begins the application that serves the address; <see cref="RunningHost.Add"/> takes it when it is built.</summary>
    public WebApplicationBuilder CreateBuilder(RunningHost host)
    {
        ArgumentNullException.ThrowIfNull(host);

        // Else it watches the working folder and all below it for a changed appsettings.json, the data folder with its every write included.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.Services.AddSingleton(host.Loggers);
        builder.Services.AddSingleton(host.Telemetry.Meters);
        builder.Services.AddSingleton(IsTraced ? host.Telemetry.Requests : host.Telemetry.Untraced);
        if (!IsTraced)
        {
            builder.Services.AddSingleton(host.Telemetry.Unheard);
        }

        // The process decides when it stops, not each of its listeners.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = _ => Address.Socket);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections == 0 ? null : MaxConnections;
            kestrel.Listen(Address.EndPoint, listener =>
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
                        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                        Https?.Invoke(https);
                    });
                }
            });
        });
        return builder;
    }

    /// <summary>Comes before everything else in the pipeline; allocates nothing.</summary>
    public void UseFirst(IApplicationBuilder app, RunningHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
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

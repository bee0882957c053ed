using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.HttpOverrides;
using OpenEim.Hosting.Listeners;
using OpenEim.Hosting.Running;
using OpenEim.Manager.Esipa;
using IPNetwork = System.Net.IPNetwork;

namespace OpenEim.Server.Esipa;

/// <summary>The listener that devices poll.</summary>
internal static class EsipaApplication
{
    /// <param name="options">What its limits are.</param>
    /// <param name="address">Where it listens.</param>
    /// <param name="certificate">The TLS server's; null for plain HTTP.</param>
    /// <param name="host">What the listeners share.</param>
    /// <param name="guard">The limits.</param>
    /// <param name="functions">What it answers.</param>
    /// <param name="spans">Where requests that are worth it are traced.</param>
    public static WebApplication Build(
        ServerOptions options, BoundAddress address, X509Certificate2? certificate, RunningHost host, EsipaGuard guard, EsipaFunctions functions, ActivitySource spans)
    {
        var listener = new HostListener("esipa", address, certificate, EsipaEndpoint.MaxRequestBytes)
        {
            IsTraced = false,
            MaxConnections = options.EsipaConnections,
            Gate = new ConnectionGate([.. Networks(options)], options.EsipaConnectionsPerAddress, guard.Telemetry.Refused),
            OnConnection = LastPoll.Begin,
            Https = options.EsipaClientRoots is { } file ? TlsTrust.Open(nameof(ServerOptions.EsipaClientRoots), [file], host.Time).Require : null,
        };
        var app = listener.CreateBuilder(host).Build();
        listener.UseFirst(app, host);
        ForwardedAddress.Use(app, options.TrustedProxies, ForwardedHeaders.XForwardedFor);
        RefuseOtherNetworks(app, options, guard);
        var endpoint = new EsipaEndpoint(functions, guard, spans, guard.Log.CreateLogger<EsipaEndpoint>());
        app.Run(endpoint.HandleAsync);
        return app;
    }

    /// <summary>A connection may come from the devices' networks, or from a proxy that tells which of them a request comes from.</summary>
    private static IEnumerable<IPNetwork> Networks(ServerOptions options) =>
        options.EsipaNetworks.Count == 0 ? [] : options.EsipaNetworks.Concat(options.TrustedProxies).Select(network => IPNetwork.Parse(network));

    /// <summary>Where a proxy tells what device a request comes from, the connection's own network says nothing about the device.</summary>
    private static void RefuseOtherNetworks(WebApplication app, ServerOptions options, EsipaGuard guard)
    {
        var networks = options.EsipaNetworks.Select(network => IPNetwork.Parse(network)).ToList();
        if (networks.Count == 0 || options.TrustedProxies.Count == 0)
        {
            return;
        }

        app.Use((context, next) =>
        {
            if (SourceAddress.IsIn(context.Connection.RemoteIpAddress, networks))
            {
                return next(context);
            }

            guard.Telemetry.Refused("network");
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
    }
}

/// <summary>What keeps strangers within bounds: limits, the log that they may cause, and the counters.</summary>
internal sealed record EsipaGuard(EsipaLimits Limits, EsipaTelemetry Telemetry, ILoggerFactory Log)
{
    public static EsipaGuard Create(ServerOptions options, RunningHost host)
    {
        var limits = new EsipaLimits(options, host.Time);
        var telemetry = new EsipaTelemetry(host.Telemetry.Meters);
        return new EsipaGuard(limits, telemetry, new BoundedLog(host.Loggers, limits, telemetry.LeftOut));
    }
}

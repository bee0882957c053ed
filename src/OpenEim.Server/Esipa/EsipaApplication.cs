using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.HttpOverrides;
using OpenEim.Manager.Esipa;
using IPNetwork = System.Net.IPNetwork;

namespace OpenEim.Server.Esipa;

/// <summary>The listener that devices poll.</summary>
internal static class EsipaApplication
{
    /// <param name="options">Where it listens, and what its limits are.</param>
    /// <param name="certificate">The TLS server's; null for plain HTTP.</param>
    /// <param name="host">What the listeners share.</param>
    /// <param name="guard">The limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="functions">What it answers, once it is there.</param>
    public static WebApplication Build(
        ServerOptions options, X509Certificate2? certificate, HostParts host, EsipaGuard guard, TimeProvider time, Func<EsipaFunctions> functions)
    {
        var listener = new HostListener("esipa", options.EsipaUrl, certificate, EsipaEndpoint.MaxRequestBytes)
        {
            IsTraced = false,
            MaxConnections = options.EsipaConnections,
            Gate = new ConnectionGate([.. Networks(options)], options.EsipaConnectionsPerAddress, guard.Telemetry.Refused),
            OnConnection = LastPoll.Begin,
            Https = DeviceCertificates.Open(options.EsipaClientRoots, time) is { } devices ? devices.Configure : null,
        };
        var app = listener.CreateBuilder(host).Build();
        listener.UseFirst(app, host);
        if (options.TrustedProxies.Count > 0)
        {
            UseForwardedAddress(app, options, guard);
        }

        var endpoint = new EsipaEndpoint(functions, guard, host.Telemetry.Eim.Activities, guard.Log.CreateLogger<EsipaEndpoint>());
        app.Run(endpoint.HandleAsync);
        return app;
    }

    /// <summary>A connection may come from the devices' networks, or from a proxy that tells which of them a request comes from.</summary>
    private static IEnumerable<IPNetwork> Networks(ServerOptions options) =>
        options.EsipaNetworks.Count == 0 ? [] : options.EsipaNetworks.Concat(options.TrustedProxies).Select(network => IPNetwork.Parse(network));

    private static void UseForwardedAddress(WebApplication app, ServerOptions options, EsipaGuard guard)
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in options.TrustedProxies)
        {
            forwarded.KnownIPNetworks.Add(IPNetwork.Parse(proxy));
        }

        app.UseForwardedHeaders(forwarded);
        var networks = options.EsipaNetworks.Select(network => IPNetwork.Parse(network)).ToList();
        if (networks.Count > 0)
        {
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
}

/// <summary>What keeps strangers within bounds: limits, the log that they may cause, and the counters.</summary>
internal sealed record EsipaGuard(EsipaLimits Limits, EsipaTelemetry Telemetry, ILoggerFactory Log)
{
    public static EsipaGuard Create(ServerOptions options, HostParts host, TimeProvider time)
    {
        var limits = new EsipaLimits(options, time);
        var telemetry = new EsipaTelemetry(host.Telemetry.Meters);
        return new EsipaGuard(limits, telemetry, new BoundedLog(host.Loggers, limits, telemetry.LeftOut));
    }
}

using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Running;

namespace OpenEim.Hosting.Listeners;

/// <summary>Serves <c>/metrics</c> to Prometheus, on a listener of its own.</summary>
public static class MetricsListener
{
    /// <summary>Adds it to the host.</summary>
    /// <param name="host">Whose metrics.</param>
    /// <param name="address">Where; null for nowhere.</param>
    /// <param name="certificate">The TLS server's; null for plain HTTP.</param>
    public static void Add(RunningHost host, BoundAddress? address, X509Certificate2? certificate)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (address is null || host.Telemetry.Metrics is not { } metrics)
        {
            return;
        }

        var listener = new HostListener("metrics", address, certificate, MaxBodyBytes: 0) { IsTraced = false };
        var app = listener.CreateBuilder(host).Build();
        listener.UseFirst(app, host);
        app.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, null, "/metrics", null, null);
        host.Add(address, app);
    }
}

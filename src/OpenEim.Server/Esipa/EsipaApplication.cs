using System.Security.Cryptography.X509Certificates;
using OpenEim.Manager.Packages;

namespace OpenEim.Server.Esipa;

/// <summary>The listener that devices poll.</summary>
internal static class EsipaApplication
{
    public static WebApplication Build(Uri url, X509Certificate2? certificate, HostParts host, Func<EimPackages> packages)
    {
        var listener = new HostListener("esipa", url, certificate, EsipaEndpoint.MaxRequestBytes) { IsTraced = false };
        var app = listener.CreateBuilder(host).Build();
        listener.UseFirst(app, host);
        var endpoint = new EsipaEndpoint(packages, host.Telemetry.Eim.Activities, host.Loggers.CreateLogger<EsipaEndpoint>());
        app.Run(endpoint.HandleAsync);
        return app;
    }
}

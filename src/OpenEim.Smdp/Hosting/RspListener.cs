using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Listeners;
using OpenEim.Hosting.Running;

namespace OpenEim.Smdp;

/// <summary>One listener with one handler.</summary>
internal static class RspListener
{
    /// <summary>The longest request that is read, in bytes.</summary>
    private const int MaxRequestBytes = 64 * 1024;

    /// <param name="name">The interface, as it stands in metrics.</param>
    /// <param name="address">Where.</param>
    /// <param name="certificate">The TLS server's; null for plain HTTP.</param>
    /// <param name="clients">Who may connect; null for everybody.</param>
    /// <param name="host">What the listeners share.</param>
    /// <param name="handle">Answers every request that is not about health.</param>
    public static WebApplication Build(
        string name, BoundAddress address, X509Certificate2? certificate, TlsTrust? clients, RunningHost host, RequestDelegate handle)
    {
        var listener = new HostListener(name, address, certificate, MaxRequestBytes) { Https = clients is null ? null : clients.Require };
        var app = listener.CreateBuilder(host).Build();
        listener.UseFirst(app, host);
        app.Use(new Requests(host.Readiness, host.Loggers.CreateLogger<Requests>()).HandleAsync);
        app.Run(handle);
        return app;
    }
}

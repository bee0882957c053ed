using System.Net;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Manager.Packages;

namespace OpenEim.Server.Esipa;

/// <summary>The listener that devices poll.</summary>
internal static class EsipaApplication
{
    public static WebApplication Build(Uri url, X509Certificate2? certificate, ILoggerFactory loggers, Func<EimPackages> packages)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = EsipaEndpoint.MaxRequestBytes;
            kestrel.Listen(new IPEndPoint(ServerOptions.AddressOf(url), url.Port), listener =>
            {
                if (certificate is not null)
                {
                    listener.UseHttps(certificate);
                }
            });
        });
        var app = builder.Build();
        var endpoint = new EsipaEndpoint(packages, loggers.CreateLogger<EsipaEndpoint>());
        app.Run(endpoint.HandleAsync);
        return app;
    }
}

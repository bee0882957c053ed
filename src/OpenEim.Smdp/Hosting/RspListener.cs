using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OpenEim.Protocol.Security;

namespace OpenEim.Smdp;

/// <summary>One listener with one handler.</summary>
internal static class RspListener
{
    /// <param name="name">The interface, as it stands in metrics.</param>
    /// <param name="url">Where.</param>
    /// <param name="identity">The TLS server's certificate and key; not used for plain HTTP.</param>
    /// <param name="clients">Who may connect; null for everybody.</param>
    /// <param name="host">What the listeners share.</param>
    /// <param name="handle">Answers every request that is not about health; null where the caller adds who does.</param>
    public static WebApplication Build(string name, Uri url, RspIdentity identity, ClientTrust? clients, HostParts host, RequestDelegate? handle)
    {
        // Else it watches the working folder and all below it for a changed appsettings.json, the data folder with its every write included.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.Services.AddSingleton(host.Loggers);
        builder.Services.AddSingleton<IMeterFactory>(host.Telemetry.Meters);
        builder.Services.AddSingleton(host.Telemetry.Requests);

        // The process decides when it stops, not each of its listeners.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RspHttp.MaxRequestBytes;
            kestrel.Listen(new IPEndPoint(SmdpOptions.AddressOf(url), url.Port), listener =>
            {
                if (url.Scheme == Uri.UriSchemeHttps)
                {
                    listener.UseHttps(https => Configure(https, identity, clients));
                }
            });
        });
        var app = builder.Build();
        app.Use(new Requests(name, host, host.Loggers.CreateLogger<Requests>()).HandleAsync);
        if (handle is not null)
        {
            app.Run(handle);
        }

        return app;
    }

    /// <summary>An identity as the platform's TLS takes it.</summary>
    public static X509Certificate2 TlsCertificate(RspIdentity identity) =>
        X509Certificate2.CreateFromPem(identity.Certificate.ToPem(), identity.Key.ToPem());

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static void Configure(HttpsConnectionAdapterOptions https, RspIdentity identity, ClientTrust? clients)
    {
        https.ServerCertificate = TlsCertificate(identity);
        https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (clients is not null)
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => clients.IsTrusted(certificate);

            // The platform's own chain check must not go looking where a stranger's certificate points it.
            https.OnAuthenticate = (_, tls) => tls.CertificateChainPolicy =
                new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        }
    }
}

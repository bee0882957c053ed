using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OpenEim.Protocol.Security;

namespace OpenEim.Smdp;

/// <summary>One listener with one handler.</summary>
internal static class RspListener
{
    /// <param name="url">Where.</param>
    /// <param name="identity">The TLS server's certificate and key; not used for plain HTTP.</param>
    /// <param name="clients">Who may connect; null for everybody.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="handle">Answers every request.</param>
    public static WebApplication Build(Uri url, RspIdentity identity, ClientTrust? clients, ILoggerFactory loggers, RequestDelegate handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(loggers);
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
        app.Run(handle);
        return app;
    }

    /// <summary>An identity as the platform's TLS takes it.</summary>
    public static X509Certificate2 TlsCertificate(RspIdentity identity) =>
        X509Certificate2.CreateFromPem(identity.Certificate.ToPem(), identity.Key.ToPem());

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

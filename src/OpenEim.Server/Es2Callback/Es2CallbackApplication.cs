using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OpenEim.Manager.Stock;
using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;
using StatusCodes = Microsoft.AspNetCore.Http.StatusCodes;

namespace OpenEim.Server.Es2Callback;

/// <summary>The listener where SM-DP+s tell the progress of downloads (ES2+ HandleDownloadProgressInfo): mutual TLS, or plain HTTP on the loopback.</summary>
internal sealed class Es2CallbackApplication(StockProgress progress, RspTrust trust, TimeProvider time)
{
    private const int MaxRequestBytes = 64 * 1024;

    public WebApplication Build(Uri url, X509Certificate2? certificate, HostParts host)
    {
        var listener = new HostListener("es2_callback", url, certificate, MaxRequestBytes) { Https = Configure };
        var app = listener.CreateBuilder(host).Build();
        listener.UseFirst(app, host);
        RequestIds.Use(app, host.Loggers.CreateLogger<Es2CallbackApplication>());
        app.MapPost(Es2PlusPaths.HandleDownloadProgressInfo, HandleAsync);
        return app;
    }

    private void Configure(HttpsConnectionAdapterOptions https)
    {
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (client, _, _) => NamesOf(client) is not null;

        // The platform's own chain check must not go looking where a stranger's certificate points it.
        https.OnAuthenticate = (_, tls) => tls.CertificateChainPolicy =
            new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
    }

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
            var info = RspJson.Read(body.ToArray(), Es2PlusJsonContext.Default.HandleDownloadProgressInfoRequestJson).ToRequest();
            var names = context.Connection.ClientCertificate is { } client ? NamesOf(client) : null;
            await progress.TakeAsync(info, address => IsSender(context, names, address), context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (ProtocolException e)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(e.Message, context.RequestAborted).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
        }
    }

    /// <summary>On the loopback without TLS whoever can connect is believed: it is for one machine.</summary>
    private static bool IsSender(HttpContext context, IReadOnlyList<string>? names, SmdpAddress address) =>
        context.Request.IsHttps ? names?.Contains(address.Host, StringComparer.OrdinalIgnoreCase) == true : true;

    /// <summary>The hosts that a trusted SM-DP+'s TLS certificate names; null when it is not trusted.</summary>
    private IReadOnlyList<string>? NamesOf(X509Certificate2 client)
    {
        try
        {
            var certificate = RspCertificate.Parse(client.RawData);
            return trust.VerifyServer(certificate, RspRole.DpTls, null, time.GetUtcNow()).IsTrusted
                ? [.. certificate.DnsNames, .. certificate.IpAddresses.Select(ip => ip.ToString())]
                : null;
        }
        catch (ProtocolException)
        {
            // A certificate that cannot be read is not trusted; the handshake ends with that.
            return null;
        }
    }
}

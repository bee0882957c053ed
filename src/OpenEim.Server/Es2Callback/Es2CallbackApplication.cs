using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Listeners;
using OpenEim.Hosting.Running;
using OpenEim.Manager.Stock;
using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;

namespace OpenEim.Server.Es2Callback;

/// <summary>The listener where SM-DP+s tell the progress of downloads (ES2+ HandleDownloadProgressInfo): mutual TLS, or plain HTTP on the loopback.</summary>
internal sealed class Es2CallbackApplication(StockProgress progress, RspTrust trust, TimeProvider time)
{
    private const int MaxRequestBytes = 64 * 1024;

    public WebApplication Build(BoundAddress address, X509Certificate2? certificate, RunningHost host)
    {
        var listener = new HostListener("es2_callback", address, certificate, MaxRequestBytes) { Https = https => TlsTrust.Require(https, (client, _) => NamesOf(client) is not null) };
        var app = listener.CreateBuilder(host).Build();
        listener.UseFirst(app, host);
        RequestIds.Use(app, host.Loggers.CreateLogger<Es2CallbackApplication>());
        app.MapPost(Es2PlusPaths.HandleDownloadProgressInfo, HandleAsync);
        return app;
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (RspOverHttp.Refusal(context.Request, RspOverHttp.JsonMediaType) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        await RspOverHttp.AnswerAsync(context, RspOverHttp.JsonMediaType, async (body, ct) =>
        {
            var info = RspJson.Read(body.Span, Es2PlusJsonContext.Default.HandleDownloadProgressInfoRequestJson).ToRequest();
            var names = context.Connection.ClientCertificate is { } client ? NamesOf(client) : null;
            await progress.TakeAsync(info, address => IsSender(context, names, address), ct).ConfigureAwait(false);
            return null;
        }).ConfigureAwait(false);
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

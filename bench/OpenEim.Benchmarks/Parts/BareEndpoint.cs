using System.Net;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Server;

namespace OpenEim.Benchmarks.Parts;

/// <summary>A bare Kestrel endpoint that reads the same request as an eIM and returns the bytes of its idle answer.</summary>
internal static class BareEndpoint
{
    /// <param name="tls">Whose certificate it has; null for plain HTTP.</param>
    /// <param name="ct">Ends the start.</param>
    public static async Task<WebApplication> StartAsync(EimHost? tls, CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(new IPEndPoint(IPAddress.Loopback, 0), listener =>
            {
                if (tls is not null)
                {
                    var identity = tls.Pki.EimTls!;
                    listener.UseHttps(X509Certificate2.CreateFromPem(identity.Certificate.ToPem(), identity.Key.ToPem()));
                }
            });
        });
        var app = builder.Build();
        app.Run(async context =>
        {
            var read = await context.Request.BodyReader.ReadAsync();
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            context.Response.ContentType = "application/x-gsma-rsp-asn1";
            context.Response.ContentLength = PollClient.Idle.Length;
            await context.Response.BodyWriter.WriteAsync(PollClient.Idle);
        });
        await app.StartAsync(ct).ConfigureAwait(false);
        return app;
    }
}

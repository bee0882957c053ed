using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Identifiers;
using OpenEim.Server;

namespace OpenEim.Benchmarks;

/// <summary>Idle polls against a bare Kestrel endpoint that reads the same request and returns the same bytes, over keep-alive HTTP and over TLS.</summary>
internal static class IdlePolls
{
    private const int Devices = 1000;
    private const int Connections = 16;
    private static readonly byte[] Idle = Convert.FromHexString("BF4F03020101");

    public static async Task<IReadOnlyList<Measurement>> MeasureAsync(TimeSpan duration, CancellationToken ct) =>
    [
        await MeasureAsync("http", duration, ct).ConfigureAwait(false),
        await MeasureAsync("https", duration, ct).ConfigureAwait(false),
    ];

    private static async Task<Measurement> MeasureAsync(string scheme, TimeSpan duration, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("openeim-bench-").FullName;
        try
        {
            await using var host = await EimHost.StartAsync(
                new ServerOptions { Data = folder, ApiUrl = new Uri("http://127.0.0.1:0"), EsipaUrl = new Uri($"{scheme}://127.0.0.1:0") }, null, null, ct).ConfigureAwait(false);
            await RegisterAsync(host).ConfigureAwait(false);
            await using var bare = Bare(scheme == "https" ? host : null);
            await bare.StartAsync(ct).ConfigureAwait(false);
            var bareUrl = new Uri(bare.Urls.First());
            var (ours, reference) = await Report.TakeTurnsAsync(
                slice => PollAsync(host.EsipaUrl, slice), slice => PollAsync(bareUrl, slice), duration).ConfigureAwait(false);
            return new Measurement($"idle polls over keep-alive {scheme.ToUpperInvariant()}, SQLite, {Devices:N0} eUICCs", ours, reference, 0.8);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Not IoT eUICCs: registered and idle, without a first contact to make.
    private static async Task RegisterAsync(EimHost host) => await host.Euiccs.RegisterAsync(
        1, [.. Enumerable.Range(0, Devices).Select(i => new EuiccRegistration { Eid = EidOf(i), SupportedProfileType = 1 })]).ConfigureAwait(false);

    private static Eid EidOf(int index) => Eid.Parse($"8904903200000000000000{index:D10}");

    private static WebApplication Bare(EimHost? tls)
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
                    listener.UseHttps(System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(identity.Certificate.ToPem(), identity.Key.ToPem()));
                }
            });
        });
        var app = builder.Build();
        app.Run(async context =>
        {
            var read = await context.Request.BodyReader.ReadAsync();
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            context.Response.ContentType = "application/x-gsma-rsp-asn1";
            context.Response.ContentLength = Idle.Length;
            await context.Response.BodyWriter.WriteAsync(Idle);
        });
        return app;
    }

    private static async Task<double> PollAsync(Uri url, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(i => Task.Run(() => PollConnectionAsync(url, i, duration)))).ConfigureAwait(false);
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>A client as lean as can be, so that the servers are what is measured.</summary>
    private static async Task<long> PollConnectionAsync(Uri url, int index, TimeSpan duration)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, url.Port).ConfigureAwait(false);
        Stream stream = new NetworkStream(socket);
        if (url.Scheme == "https")
        {
#pragma warning disable CA5359 // The benchmark's own server on the loopback; its certificate is not what is measured.
            var secure = new SslStream(stream, false, (_, _, _, _) => true);
#pragma warning restore CA5359
            await secure.AuthenticateAsClientAsync("localhost").ConfigureAwait(false);
            stream = secure;
        }

        await using (stream.ConfigureAwait(false))
        {
            var request = Request(EidOf(index));
            var buffer = new byte[4096];
            var start = Stopwatch.GetTimestamp();
            long count = 0;
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                await stream.WriteAsync(request).ConfigureAwait(false);
                var read = 0;
                do
                {
                    var got = await stream.ReadAsync(buffer.AsMemory(read)).ConfigureAwait(false);
                    read += got > 0 ? got : throw new InvalidOperationException("the server closed the connection");
                }
                while (!buffer.AsSpan(0, read).EndsWith(Idle));
                count++;
            }

            return count;
        }
    }

    private static byte[] Request(Eid eid)
    {
        byte[] body = [0xBF, 0x4F, 0x12, 0x5A, 0x10, .. eid.ToBytes()];
        return [.. Encoding.ASCII.GetBytes(
            $"POST /gsma/rsp2/asn1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-gsma-rsp-asn1\r\nX-Admin-Protocol: gsma/rsp/v2.1.0\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];
    }
}

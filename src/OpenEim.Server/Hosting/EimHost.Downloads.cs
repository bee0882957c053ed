using System.Net;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Settings;
using OpenEim.Manager.Background;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Notifications;
using OpenEim.Manager.Stock;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Server.Es2Callback;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Server;

/// <summary>What has to do with SM-DP+s.</summary>
public sealed partial class EimHost
{
    private DownloadParts OpenDownloads(RspTrust trust, MasterKey masterKey, TimeProvider time, ILoggerFactory loggers)
    {
        var options = new RspHttpOptions { TlsRoots = ReadSmdpRoots(), PlainHttpOnLoopback = Options.SmdpPlainHttp, Reach = Reach() };
        return new DownloadParts(new DownloadSecrets(masterKey), new Es9PlusClient(OpenHttp(trust, options, time, loggers), _shared.Telemetry.Eim));
    }

    private StockOrders OpenOrders(Database database, RspTrust trust, DownloadSecrets secrets, TimeProvider time, ILoggerFactory loggers)
    {
        if (Options.Es2PlusUrl is not { } url)
        {
            return new StockOrders(database, null, secrets, time);
        }

        // Ordering is not in a device's five seconds.
        var certificate = TlsCertificate(Pki.EimTls!);
        _parts.Add(new Closing(certificate));
        var options = new RspHttpOptions
        {
            Timeout = TimeSpan.FromSeconds(20),
            TlsRoots = ReadSmdpRoots(),
            ClientCertificate = certificate,
            Reach = SmdpReach.Public.With(url),
        };
        var address = OwnSmdp() ?? throw new SetupException($"Es2PlusUrl {url} names no address for activation codes.");
        var client = new Es2PlusClient(
            OpenHttp(trust, options, time, loggers), new Es2PlusOptions(url, Options.Es2PlusRequesterId ?? Options.EimId, address), _shared.Telemetry.Eim);
        return new StockOrders(database, client, secrets, time);
    }

    /// <summary>Strangers name SM-DP+s; the one that the operator has configured is called wherever it is.</summary>
    private SmdpReach Reach()
    {
        var reach = new SmdpReach(Options.SmdpHosts, [.. Options.SmdpPrivateNetworks.Select(IPNetwork.Parse)]);
        return OwnSmdp() is { } own ? reach.With(new Uri($"https://{own}")) : reach;
    }

    private SmdpAddress? OwnSmdp() => SmdpAddress.TryParse(Options.SmdpAddress ?? Options.Es2PlusUrl?.Authority, out var own) ? own : null;

    private RspHttp OpenHttp(RspTrust trust, RspHttpOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var http = new RspHttp(trust, options, time, loggers.CreateLogger<RspHttp>());
        _parts.Add(new Closing(http));
        return http;
    }

    private List<X509Certificate2> ReadSmdpRoots()
    {
        var roots = new X509Certificate2Collection();
        if (Options.SmdpRoots is { } path)
        {
            try
            {
                roots.ImportFromPemFile(path);
            }
            catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new SetupException($"SmdpRoots {path} cannot be read: {e.Message}", e);
            }

            if (roots.Count == 0)
            {
                throw new SetupException($"SmdpRoots {path} holds no certificate.");
            }
        }

        return [.. roots];
    }

    private void StartForwarding(Database database, DownloadParts downloads, Slices slices, TimeProvider time, ILoggerFactory loggers)
    {
        var forwarder = new NotificationForwarder(database, downloads.Es9Plus, slices, time, loggers.CreateLogger<NotificationForwarder>(), _shared.Telemetry.Eim);
        var sweep = new RelaySweep(database, time);
        StartLoop("Forwarding notifications", TimeSpan.FromSeconds(2), forwarder.RunOnceAsync, time, loggers);
        StartLoop("Forgetting relayed sessions", TimeSpan.FromMinutes(10), ct => slices.HoldsFirst ? sweep.RunOnceAsync(ct) : Task.CompletedTask, time, loggers);
    }

    private async Task StartEs2CallbackAsync(Database database, RspTrust trust, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        if (Options.Es2CallbackUrl is not { } url)
        {
            return;
        }

        var progress = new StockProgress(database, time, loggers.CreateLogger<StockProgress>());
        var certificate = url.Scheme == Uri.UriSchemeHttps ? TlsCertificate(Pki.EimTls!) : null;
        var callback = new Es2CallbackApplication(progress, trust, time).Build(url, certificate, _shared);
        Es2CallbackUrl = await ListenAsync(callback, url, ct).ConfigureAwait(false);
    }
}

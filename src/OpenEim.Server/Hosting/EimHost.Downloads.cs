using System.Net;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Nodes;
using OpenEim.Manager.Notifications;
using OpenEim.Manager.Secrets;
using OpenEim.Manager.Smdps;
using OpenEim.Manager.Stock;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Storage;
using OpenEim.Storage.Secrets;

namespace OpenEim.Server;

/// <summary>What has to do with SM-DP+s.</summary>
public sealed partial class EimHost
{
    private DownloadParts OpenDownloads(RspTrust trust, MasterKey masterKey)
    {
        var options = new RspHttpOptions { TlsRoots = ReadSmdpRoots(), PlainHttpOnLoopback = Options.SmdpPlainHttp, Reach = Reach() };
        return new DownloadParts(new DownloadSecrets(masterKey), new Es9PlusClient(OpenHttp(trust, options), _telemetry));
    }

    private StockOrders OpenOrders(Database database, RspTrust trust, DownloadSecrets secrets)
    {
        if (Options.Es2PlusUrl is not { } url)
        {
            return new StockOrders(database, null, secrets, _host.Time);
        }

        // Ordering is not in a device's five seconds.
        var certificate = _host.Own(TlsCertificate.Of(Pki.EimTls!));
        var options = new RspHttpOptions
        {
            Timeout = TimeSpan.FromSeconds(20),
            TlsRoots = ReadSmdpRoots(),
            ClientCertificate = certificate,
            Reach = SmdpReach.Public.With(url),
        };
        var address = OwnSmdp() ?? throw new SetupException($"Es2PlusUrl {url} names no address for activation codes.");
        var client = new Es2PlusClient(
            OpenHttp(trust, options), new Es2PlusOptions(url, Options.Es2PlusRequesterId ?? Options.EimId, address), _telemetry);
        return new StockOrders(database, client, secrets, _host.Time);
    }

    /// <summary>Strangers name SM-DP+s; the one that the operator has configured is called wherever it is.</summary>
    private SmdpReach Reach()
    {
        var reach = new SmdpReach(Options.SmdpHosts, [.. Options.SmdpPrivateNetworks.Select(IPNetwork.Parse)]);
        return OwnSmdp() is { } own ? reach.With(new Uri($"https://{own}")) : reach;
    }

    private SmdpAddress? OwnSmdp() => SmdpAddress.TryParse(Options.SmdpAddress ?? Options.Es2PlusUrl?.Authority, out var own) ? own : null;

    private RspHttp OpenHttp(RspTrust trust, RspHttpOptions options) =>
        _host.Own(new RspHttp(trust, options, _host.Time, _host.Loggers.CreateLogger<RspHttp>()));

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

    private void StartForwarding(Database database, DownloadParts downloads, Slices slices)
    {
        var forwarder = new NotificationForwarder(database, downloads.Es9Plus, slices, _host.Time, _host.Loggers.CreateLogger<NotificationForwarder>(), _telemetry);
        var sweep = new RelaySweep(database, _host.Time);
        _host.StartLoop("Forwarding notifications", TimeSpan.FromSeconds(2), forwarder.RunOnceAsync);
        _host.StartLoop("Forgetting relayed sessions", TimeSpan.FromMinutes(10), ct => slices.HoldsFirst ? sweep.RunOnceAsync(ct) : Task.CompletedTask);
    }
}

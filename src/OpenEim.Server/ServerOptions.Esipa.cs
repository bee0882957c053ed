using System.Net;
using OpenEim.Manager.Exchanges;

namespace OpenEim.Server;

/// <summary>Who may speak ESipa, and how much (docs/security.md).</summary>
public sealed partial record ServerOptions
{
    /// <summary>The networks, in CIDR notation, that devices come from; connections from elsewhere are closed at once. None: anywhere.</summary>
    public IReadOnlyList<string> EsipaNetworks { get; init; } = [];

    /// <summary>A PEM file with the roots that devices' TLS client certificates must lead to. None: devices need no client certificate.</summary>
    public string? EsipaClientRoots { get; init; }

    /// <summary>How many ESipa requests a second one device, told by its EID and its address, may make for long. 0: any number.</summary>
    public int EsipaDeviceRate { get; init; } = 20;

    /// <summary>How many ESipa requests one device may make at once.</summary>
    public int EsipaDeviceBurst { get; init; } = 200;

    /// <summary>How many ESipa requests that are not idle polls one address may make a second for long. 0: any number.</summary>
    public int EsipaAddressRate { get; init; } = 500;

    /// <summary>How many ESipa requests that are not idle polls one address may make at once.</summary>
    public int EsipaAddressBurst { get; init; } = 5_000;

    /// <summary>How many connections to ESipa may be open at the same time. 0: any number.</summary>
    public int EsipaConnections { get; init; } = 20_000;

    /// <summary>How many of them one address may hold. 0: any number.</summary>
    public int EsipaConnectionsPerAddress { get; init; } = 5_000;

    /// <summary>Whether downloads may be begun without saying which eUICC asks, as SGP.32 v1.0 does.</summary>
    public AllowV10 AllowV10 { get; init; } = AllowV10.Auto;

    /// <summary>How many such downloads one address may begin in a minute whose eUICC has not proved itself.</summary>
    public int V10SessionsPerAddress { get; init; } = 8;

    /// <summary>
    /// How many such downloads there may be in a minute, in all, for each download that waits for the same SM-DP+. Half of them are for addresses
    /// that have begun none in this minute, and addresses that have polled a waiting trigger have as many again.
    /// </summary>
    public int V10SessionsPerOperation { get; init; } = 16;

    private void CheckEsipa()
    {
        Refuse(
            V10SessionsPerAddress is < 1 or > 10_000 || V10SessionsPerOperation is < 1 or > 10_000,
            "V10SessionsPerAddress and V10SessionsPerOperation must be 1 to 10,000");
        foreach (var network in EsipaNetworks)
        {
            Refuse(!IPNetwork.TryParse(network, out _), $"EsipaNetworks holds \"{network}\", which is not a network such as 10.0.0.0/8");
        }

        Refuse(EsipaClientRoots is not null && !File.Exists(EsipaClientRoots), $"EsipaClientRoots names the file {EsipaClientRoots}, which does not exist");
        Refuse(
            EsipaClientRoots is not null && EsipaUrl.Scheme != Uri.UriSchemeHttps,
            "EsipaClientRoots asks for client certificates, which need TLS; EsipaUrl must be https");
        CheckRate(nameof(EsipaDeviceRate), EsipaDeviceRate, nameof(EsipaDeviceBurst), EsipaDeviceBurst);
        CheckRate(nameof(EsipaAddressRate), EsipaAddressRate, nameof(EsipaAddressBurst), EsipaAddressBurst);
        Refuse(EsipaConnections < 0 || EsipaConnectionsPerAddress < 0, "EsipaConnections and EsipaConnectionsPerAddress must not be negative");
    }

    private static void CheckRate(string rateName, int rate, string burstName, int burst) => Refuse(
        rate is < 0 or > 1_000_000 || (rate > 0 && (burst < rate || burst > 10_000_000)),
        $"{rateName} must be 0 to 1,000,000, and {burstName} at least {rateName} and at most 10,000,000");
}

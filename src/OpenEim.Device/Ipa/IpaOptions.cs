using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>How an IPA behaves. The defaults suit a device in the field; tests set the delays to zero.</summary>
public sealed record IpaOptions
{
    /// <summary>The time that one request may take in all.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a request is sent, with identical bytes, before it counts as failed.</summary>
    public int RequestAttempts { get; init; } = 3;

    /// <summary>How often a package result is sent before the IPA rolls a profile switch back.</summary>
    public int DeliveryAttempts { get; init; } = 3;

    /// <summary>The pause between two attempts.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After how many polls in a row without any network the IPA runs the fallback mechanism; 0 for never.</summary>
    public int FallbackAfterFailedPolls { get; init; } = 3;

    /// <summary>The most packages that are taken in one procedure; an eIM that never ends is left until the next poll.</summary>
    public int MaxPackagesPerProcedure { get; init; } = 64;

    /// <summary>The longest answer that is read, in bytes.</summary>
    public int MaxResponseBytes { get; init; } = 256 * 1024;

    /// <summary>Whether an http:// address may be used where it is a loopback one.</summary>
    public bool AllowPlainHttpOnLoopback { get; init; }

    /// <summary>An address to use instead of the one in the card's eIM configuration.</summary>
    public Uri? EimAddress { get; init; }

    /// <summary>The binding of ESipa that the IPA speaks.</summary>
    public EsipaBinding Esipa { get; init; } = EsipaBinding.Asn1;

    /// <summary>The version of SGP.32 that the IPA speaks; null for that of its card, as a fleet knows it, and 1.2 otherwise.</summary>
    public Sgp32Version? Sgp32 { get; init; }

    /// <summary>The version that the IPA speaks.</summary>
    internal Sgp32Version Version => Sgp32 ?? Sgp32Version.V12;

    /// <summary>What the IPA tells of itself in BF52 A8: which ways of a profile download it goes, too.</summary>
    public IpaCapabilities Capabilities { get; init; } = new(
        IpaFeatures.DirectRspServerCommunication | IpaFeatures.IndirectRspServerCommunication, EimSupportedProtocols.RetrieveHttps);

    /// <summary>The CIs that the TLS certificate of an SM-DP+ must lead to. A fleet takes those of its cards where this is empty.</summary>
    public IReadOnlyList<RspCertificate> SmdpRoots { get; init; } = [];

    /// <summary>Whether SM-DP+s on loopback are reached by plain http, where <see cref="AllowPlainHttpOnLoopback"/> allows it.</summary>
    public bool PlainHttpToLoopbackSmdp { get; init; }

    /// <summary>Whether the IPA asks the card to enable a profile as soon as it is installed; the card does so only where an eIM has configured it.</summary>
    public bool ImmediateEnable { get; init; } = true;

    /// <summary>The confirmation code to give to an SM-DP+ that wants one; devices have nobody to ask.</summary>
    public string? ConfirmationCode { get; init; }

    /// <summary>What the device tells of itself in BF52 A9.</summary>
    public DeviceInformation Device { get; init; } = new(Convert.FromHexString("35290611"));
}

using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc;

/// <summary>What a factory puts into a card.</summary>
public sealed record EuiccManufacture
{
    /// <summary>Half a megabyte: room for some dozens of profiles.</summary>
    public const int DefaultMemorySize = 512 * 1024;

    /// <summary>The card's identity.</summary>
    public required Eid Eid { get; init; }

    /// <summary>SK.EUICC.ECDSA as PKCS#8, on P-256 or brainpoolP256r1.</summary>
    public required ReadOnlyMemory<byte> PrivateKey { get; init; }

    /// <summary>CERT.EUICC.ECDSA, DER.</summary>
    public required ReadOnlyMemory<byte> EuiccCertificate { get; init; }

    /// <summary>CERT.EUM.ECDSA, DER.</summary>
    public required ReadOnlyMemory<byte> EumCertificate { get; init; }

    /// <summary>Subject key identifiers of the CI roots that the card trusts.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> CiKeyIds { get; init; }

    /// <summary>The certificates of those CIs, DER: without them the card believes no SM-DP+ and takes no download.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> CiCertificates { get; init; } = [];

    /// <summary>Non-volatile memory for downloaded profiles, in bytes.</summary>
    public int MemorySize { get; init; } = DefaultMemorySize;

    /// <summary>The preloaded profiles; at most one enabled, at most one with the fallback attribute.</summary>
    public IReadOnlyList<ManufacturedProfile> Profiles { get; init; } = [];

    /// <summary>FQDN of the default SM-DP+.</summary>
    public string? DefaultSmdpAddress { get; init; }

    /// <summary>FQDN of the root SM-DS.</summary>
    public string? RootSmdsAddress { get; init; }

    /// <summary>Whether the card knows SGP.32; otherwise it is a consumer eUICC, which refuses every IoT function.</summary>
    public bool IsIot { get; init; } = true;

    /// <summary>The version of SGP.32 that an IoT eUICC speaks.</summary>
    public Sgp32Version Sgp32 { get; init; } = Sgp32Version.V12;

    /// <summary>Whether the card has the fallback mechanism; one of SGP.32 v1.0 has none.</summary>
    public bool SupportsFallback { get; init; } = true;

    /// <summary>Whether the card keeps a <see cref="CardJournal"/>, which grows with all that it does.</summary>
    public bool KeepsJournal { get; init; }

    /// <summary>The eIMs associated at the factory; they may also be loaded later with AddInitialEim.</summary>
    public IReadOnlyList<EimConfigurationData> Eims { get; init; } = [];
}

/// <summary>A profile that the factory preloads.</summary>
public sealed record ManufacturedProfile(Iccid Iccid)
{
    /// <summary>Profile name, at most 64 characters.</summary>
    public string? Name { get; init; }

    /// <summary>Service provider name, at most 32 characters.</summary>
    public string? ServiceProviderName { get; init; }

    /// <summary>The class.</summary>
    public ProfileClass Class { get; init; } = ProfileClass.Operational;

    /// <summary>Whether it is enabled.</summary>
    public ProfileState State { get; init; } = ProfileState.Disabled;

    /// <summary>Whether its owner lets it be the fallback profile (metadata tag 9F67).</summary>
    public bool FallbackAllowed { get; init; }

    /// <summary>Whether it is the fallback profile.</summary>
    public bool FallbackAttribute { get; init; }

    /// <summary>Whether it is the emergency profile, for eCall (metadata tag 9F7B).</summary>
    public bool EcallIndication { get; init; }

    /// <summary>IoT-specific metadata (BF64, SGP.32 v1.3), the value bytes; null for none.</summary>
    public ReadOnlyMemory<byte>? IotMetadata { get; init; }

    /// <summary>How its operator wants HTTP to be used, SGP.02's connectivity parameters; null where it says nothing.</summary>
    public ReadOnlyMemory<byte>? HttpParameters { get; init; }

    /// <summary>The policy rules.</summary>
    public ProfilePolicyRules PolicyRules { get; init; }

    /// <summary>Who wants to hear of what happens to it.</summary>
    public IReadOnlyList<NotificationConfiguration> NotificationConfigurations { get; init; } = [];
}

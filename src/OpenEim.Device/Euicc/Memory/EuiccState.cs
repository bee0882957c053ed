using System.Collections.Immutable;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Memory;

/// <summary>Everything that a card keeps without power. Immutable: a command makes the next state and commits it whole.</summary>
internal sealed record EuiccState
{
    /// <summary>The format that this program writes.</summary>
    public const int CurrentVersion = 2;

    /// <summary>The format of the file.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>What never changes after manufacture.</summary>
    public required EuiccIdentity Identity { get; init; }

    /// <summary>The profiles, in the order of their installation.</summary>
    public required ImmutableArray<StoredProfile> Profiles { get; init; }

    /// <summary>The associated eIMs.</summary>
    public required ImmutableArray<StoredEim> Eims { get; init; }

    /// <summary>What waits to be removed by BF30: package results and notifications, oldest first.</summary>
    public ImmutableArray<PendingItem> Pending { get; init; } = [];

    /// <summary>The next number of the series that results and notifications share.</summary>
    public long NextSequenceNumber { get; init; } = 1;

    /// <summary>The next association token; never used twice, so that an old package cannot fit a new association.</summary>
    public long NextAssociationToken { get; init; } = 1;

    /// <summary>The default SM-DP+ address.</summary>
    public string? DefaultSmdpAddress { get; init; }

    /// <summary>Whether and how the last accepted package may be rolled back.</summary>
    public RollbackAuthorisation? Rollback { get; init; }

    /// <summary>The profile that ReturnFromFallback enables again: the digits of its ICCID.</summary>
    public string? ReturnIccid { get; init; }

    /// <summary>The profile that DisableEmergencyProfile enables again: the digits of its ICCID.</summary>
    public string? EmergencyReturnIccid { get; init; }

    /// <summary>What configureImmediateEnable last set; null while immediate enabling is off.</summary>
    public ImmediateEnableConfiguration? ImmediateEnable { get; init; }

    /// <summary>How many packages were accepted and run.</summary>
    public long ExecutedPackages { get; init; }

    /// <summary>The one-time key of the last download, until its profile is installed.</summary>
    public RetainedOneTimeKey? OneTimeKey { get; init; }

    /// <summary>What the card has done; null where it keeps no journal.</summary>
    public CardJournal? Journal { get; init; }

    /// <summary>Non-volatile memory that no downloaded profile takes, in bytes.</summary>
    public int FreeMemory() => Math.Max(0, Identity.MemorySize - Profiles.Sum(profile => profile.Package?.Length ?? 0));

    /// <summary>The enabled profile.</summary>
    public StoredProfile? EnabledProfile() => Profiles.FirstOrDefault(profile => profile.Enabled);

    /// <summary>The profile with the fallback attribute.</summary>
    public StoredProfile? FallbackProfile() => Profiles.FirstOrDefault(profile => profile.FallbackAttribute);

    /// <summary>The emergency profile.</summary>
    public StoredProfile? EmergencyProfile() => Profiles.FirstOrDefault(profile => profile.EcallIndication);

    /// <summary>Whether an emergency call goes on: the emergency profile is enabled, and nothing else may change it.</summary>
    public bool IsEcallActive() => EmergencyProfile() is { Enabled: true };

    /// <summary>The profile with this ICCID.</summary>
    public StoredProfile? FindProfile(Iccid iccid) => FindProfile(iccid.ToString());

    /// <summary>The profile that an ES10c function names.</summary>
    public StoredProfile? FindProfile(ProfileIdentifier name) => name.Iccid is { } iccid
        ? FindProfile(iccid)
        : Profiles.FirstOrDefault(profile => name.IsdpAid is { } aid && aid.Span.SequenceEqual(profile.IsdpAid));

    /// <summary>The profile with this ICCID.</summary>
    public StoredProfile? FindProfile(string? iccid) => Profiles.FirstOrDefault(profile => profile.Iccid == iccid);

    /// <summary>The eIM with this id.</summary>
    public StoredEim? FindEim(string eimId) => Eims.FirstOrDefault(eim => eim.EimId == eimId);

    /// <summary>This state with every profile changed.</summary>
    public EuiccState WithProfiles(Func<StoredProfile, StoredProfile> change) => this with { Profiles = [.. Profiles.Select(change)] };

    /// <summary>This state with one eIM in the place of another.</summary>
    public EuiccState WithEim(StoredEim old, StoredEim next) => this with { Eims = Eims.Replace(old, next) };
}

/// <summary>What a factory gives a card for life.</summary>
internal sealed record EuiccIdentity
{
    /// <summary>32 digits.</summary>
    public required string Eid { get; init; }

    /// <summary>SK.EUICC.ECDSA, PKCS#8.</summary>
    public required byte[] PrivateKey { get; init; }

    /// <summary>CERT.EUICC.ECDSA, DER.</summary>
    public required byte[] EuiccCertificate { get; init; }

    /// <summary>CERT.EUM.ECDSA, DER.</summary>
    public required byte[] EumCertificate { get; init; }

    /// <summary>Subject key identifiers of the CIs whose certificates the card trusts.</summary>
    public required ImmutableArray<byte[]> CiKeyIds { get; init; }

    /// <summary>The certificates of those CIs, DER; an SM-DP+ under a CI that has none here is not believed.</summary>
    public required ImmutableArray<byte[]> CiCertificates { get; init; }

    /// <summary>Subject key identifiers of the CIs that the card's own certificates lead to.</summary>
    public required ImmutableArray<byte[]> SigningCiKeyIds { get; init; }

    /// <summary>Root SM-DS address.</summary>
    public string? RootSmdsAddress { get; init; }

    /// <summary>Non-volatile memory for downloaded profiles, in bytes.</summary>
    public required int MemorySize { get; init; }

    /// <summary>Whether the card knows SGP.32.</summary>
    public bool IsIot { get; init; }

    /// <summary>Whether the card has the fallback mechanism.</summary>
    public bool SupportsFallback { get; init; }

    /// <summary>The version of SGP.32 that the card speaks; null in a file of the time when there was but one.</summary>
    public Sgp32Version? Sgp32 { get; init; }

    /// <summary>Whether the card is one of SGP.32 v1.0.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsV10 => Sgp32 is Sgp32Version.V10;

    /// <summary>Whether the card is one of SGP.32 v1.3.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsV13 => Sgp32 is Sgp32Version.V13;
}

/// <summary>A profile on the card.</summary>
internal sealed record StoredProfile
{
    /// <summary>The digits.</summary>
    public required string Iccid { get; init; }

    /// <summary>AID of its ISD-P.</summary>
    public required byte[] IsdpAid { get; init; }

    public bool Enabled { get; init; }

    public string? Nickname { get; init; }

    public string? ServiceProviderName { get; init; }

    public string? Name { get; init; }

    public ProfileClass Class { get; init; }

    /// <summary>OperatorId, the value bytes.</summary>
    public byte[]? Owner { get; init; }

    /// <summary>0 JPG, 1 PNG.</summary>
    public int? IconType { get; init; }

    public byte[]? Icon { get; init; }

    /// <summary>The personalised profile package as it was loaded; null for a profile from the factory.</summary>
    public byte[]? Package { get; init; }

    public ProfilePolicyRules PolicyRules { get; init; }

    public bool FallbackAllowed { get; init; }

    public bool FallbackAttribute { get; init; }

    public bool EcallIndication { get; init; }

    /// <summary>IoT-specific metadata of SGP.32 v1.3 (BF64), the value bytes.</summary>
    public byte[]? IotMetadata { get; init; }

    /// <summary>SGP.02's HTTP connectivity parameters.</summary>
    public byte[]? HttpParameters { get; init; }

    public ImmutableArray<NotificationConfiguration> Notifications { get; init; } = [];
}

/// <summary>An associated eIM.</summary>
internal sealed record StoredEim
{
    public required string EimId { get; init; }

    /// <summary>EimConfigurationData under tag 30, without counter and token.</summary>
    public required byte[] Configuration { get; init; }

    /// <summary>SubjectPublicKeyInfo of the key that verifies its packages.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>The counter of the last accepted package.</summary>
    public long Counter { get; init; }

    public long? AssociationToken { get; init; }
}

/// <summary>A package result or a notification that nobody has acknowledged yet.</summary>
/// <param name="SequenceNumber">Its number.</param>
/// <param name="Event">What a notification tells; null for a package result.</param>
/// <param name="Encoded">The signed TLV, as it leaves the card.</param>
internal sealed record PendingItem(long SequenceNumber, NotificationEvents? Event, byte[] Encoded)
{
    /// <summary>Whether this is a package result.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsPackageResult => Event is null;
}

/// <summary>otSK.EUICC.ECKA and what it is for: a retry in a new session gets the package that is already bound to it (SGP.22 5.7.5).</summary>
/// <param name="SmdpOid">The SM-DP+ that it was made for, dotted.</param>
/// <param name="Curve">Its curve.</param>
/// <param name="PrivateKey">32 bytes.</param>
/// <param name="PublicKey">otPK.EUICC.ECKA, 04‖X‖Y.</param>
internal sealed record RetainedOneTimeKey(string SmdpOid, EcCurve Curve, byte[] PrivateKey, byte[] PublicKey);

/// <summary>The right to undo the enable of the last accepted package, and what the new result is made of.</summary>
/// <param name="Iccid">The profile that was enabled before.</param>
/// <param name="EimId">The eIM that sent the package.</param>
/// <param name="AssociationToken">Its token then.</param>
/// <param name="Counter">The package's counter.</param>
/// <param name="TransactionId">The package's transaction, in hex.</param>
/// <param name="SequenceNumber">The number of the result that a new one would replace.</param>
/// <param name="Results">The results so far, each encoded.</param>
/// <param name="EimSignature">The package's eimSignature, which a card of SGP.32 v1.0 signs into its results; null on others.</param>
internal sealed record RollbackAuthorisation(
    string Iccid,
    string EimId,
    long? AssociationToken,
    long Counter,
    string? TransactionId,
    long SequenceNumber,
    ImmutableArray<byte[]> Results,
    byte[]? EimSignature = null);

/// <summary>What configureImmediateEnable allows.</summary>
internal sealed record ImmediateEnableConfiguration(byte[]? SmdpOid, string? SmdpAddress);

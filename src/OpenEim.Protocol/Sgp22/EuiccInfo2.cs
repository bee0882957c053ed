using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10b EUICCInfo2, tag BF22 (SGP.32 5.9.2; SGP.22 5.7.8). The fields that OpenEim neither makes nor reads are skipped on receipt, at any place; what is null was left out or cannot be read.</summary>
public sealed record EuiccInfo2 : IBerMessage<EuiccInfo2>
{
    /// <summary>81: SAIP version.</summary>
    public VersionNumber? ProfileVersion { get; init; }

    /// <summary>82: SGP.22 version.</summary>
    public VersionNumber? Svn { get; init; }

    /// <summary>83: firmware version.</summary>
    public VersionNumber? FirmwareVersion { get; init; }

    /// <summary>84: extended card resources (ETSI TS 102 226): applications, free non-volatile and volatile memory.</summary>
    public ReadOnlyMemory<byte>? ExtendedCardResource { get; init; }

    /// <summary>85: UICCCapability, named bits.</summary>
    public uint? UiccCapability { get; init; }

    /// <summary>86.</summary>
    public VersionNumber? Ts102241Version { get; init; }

    /// <summary>87.</summary>
    public VersionNumber? GlobalPlatformVersion { get; init; }

    /// <summary>88: RspCapability, named bits.</summary>
    public uint? RspCapability { get; init; }

    /// <summary>A9.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> CiKeyIdsForVerification { get; init; } = [];

    /// <summary>AA.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> CiKeyIdsForSigning { get; init; } = [];

    /// <summary>8B: 0 other, 1 basic, 2 medium, 3 contactless.</summary>
    public int? Category { get; init; }

    /// <summary>99: forbidden profile policy rules.</summary>
    public ProfilePolicyRules? ForbiddenPolicyRules { get; init; }

    /// <summary>04: protection profile version.</summary>
    public VersionNumber? ProtectionProfileVersion { get; init; }

    /// <summary>0C: SAS accreditation number, by the standard at most 64 characters.</summary>
    public string? SasAccreditationNumber { get; init; }

    /// <summary>90: 0 IPAd, 1 IPAe.</summary>
    public int? IpaMode { get; init; }

    /// <summary>B4.</summary>
    public IotSpecificInfo? IotSpecificInfo { get; init; }

    /// <summary>95, since v1.3: euiccMinimumSecurityLevel, one byte.</summary>
    public byte? MinimumSecurityLevel { get; init; }

    /// <summary>What could not be read, at any depth; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; init; } = [];

    /// <inheritdoc/>
    public static EuiccInfo2 Decode(ref BerReader reader)
    {
        var unreadable = new UnreadableValues();
        var fields = new ContentReader(reader.ReadConstructed(Sgp22Tags.EuiccInfo2), unreadable);
        var info = new EuiccInfo2();
        while (fields.Read())
        {
            info = info.With(fields);
        }

        return info with { Unreadable = unreadable.ToList() };
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.EuiccInfo2))
        {
            VersionNumber.WriteOptional(writer, 0x81, ProfileVersion);
            VersionNumber.WriteOptional(writer, 0x82, Svn);
            VersionNumber.WriteOptional(writer, 0x83, FirmwareVersion);
            writer.OptionalOctets(0x84, ExtendedCardResource);
            writer.OptionalNamedBits(0x85, UiccCapability);
            VersionNumber.WriteOptional(writer, 0x86, Ts102241Version);
            VersionNumber.WriteOptional(writer, 0x87, GlobalPlatformVersion);
            writer.OptionalNamedBits(0x88, RspCapability);
            KeyIds.Write(writer, 0xA9, CiKeyIdsForVerification);
            KeyIds.Write(writer, 0xAA, CiKeyIdsForSigning);
            writer.OptionalInteger(0x8B, Category);
            writer.OptionalNamedBits(0x99, (uint?)ForbiddenPolicyRules);
            VersionNumber.WriteOptional(writer, 0x04, ProtectionProfileVersion);
            writer.OptionalUtf8(0x0C, SasAccreditationNumber);
            writer.OptionalInteger(0x90, IpaMode);
            IotSpecificInfo?.Write(writer);
            if (MinimumSecurityLevel is { } level)
            {
                writer.Octets(0x95, [level]);
            }
        }
    }

    private EuiccInfo2 With(ContentReader field) => field.Tag switch
    {
        0x81 => this with { ProfileVersion = field.Version() },
        0x82 => this with { Svn = field.Version() },
        0x83 => this with { FirmwareVersion = field.Version() },
        0x84 => this with { ExtendedCardResource = field.Bytes() },
        0x85 => this with { UiccCapability = field.NamedBits() },
        0x86 => this with { Ts102241Version = field.Version() },
        0x87 => this with { GlobalPlatformVersion = field.Version() },
        0x88 => this with { RspCapability = field.NamedBits() },
        0xA9 => this with { CiKeyIdsForVerification = KeyIds.Read(field.Inside()) },
        0xAA => this with { CiKeyIdsForSigning = KeyIds.Read(field.Inside()) },
        0x8B => this with { Category = field.Int32() },
        0x99 => this with { ForbiddenPolicyRules = (ProfilePolicyRules?)field.NamedBits() },
        0x04 => this with { ProtectionProfileVersion = field.Version() },
        0x0C => this with { SasAccreditationNumber = field.Text() },
        0x90 => this with { IpaMode = field.Int32() },
        0x95 => this with { MinimumSecurityLevel = field.Bytes(1, 1)?.Span[0] },
        0xB4 => this with { IotSpecificInfo = IotSpecificInfo.Read(field.Inside()) },
        _ => this,
    };
}

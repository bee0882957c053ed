using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 VersionType: three bytes, major, minor, revision.</summary>
public readonly record struct VersionNumber(byte Major, byte Minor, byte Revision)
{
    /// <summary>Reads the three bytes.</summary>
    public static VersionNumber FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 3 ? new VersionNumber(bytes[0], bytes[1], bytes[2]) : throw new ProtocolException("a version has three bytes");

    /// <summary>The three bytes.</summary>
    public byte[] ToBytes() => [Major, Minor, Revision];

    /// <inheritdoc/>
    public override string ToString() => $"{Major}.{Minor}.{Revision}";

    internal static void WriteOptional(AsnWriter writer, uint tag, VersionNumber? version)
    {
        if (version is { } present)
        {
            writer.Octets(tag, present.ToBytes());
        }
    }

    internal static VersionNumber Read(ref BerReader reader, uint tag) => FromBytes(reader.ReadValue(tag, 3, 3).Span);
}

/// <summary>SGP.22 EUICCInfo1, tag BF20.</summary>
/// <param name="Svn">The highest SGP.22 version.</param>
/// <param name="CiKeyIdsForVerification">Subject key identifiers of the CIs whose certificates the eUICC trusts.</param>
/// <param name="CiKeyIdsForSigning">Subject key identifiers of the CIs that the eUICC's own certificates lead to.</param>
public sealed record EuiccInfo1(
    VersionNumber Svn,
    IReadOnlyList<ReadOnlyMemory<byte>> CiKeyIdsForVerification,
    IReadOnlyList<ReadOnlyMemory<byte>> CiKeyIdsForSigning) : IBerMessage<EuiccInfo1>
{
    /// <inheritdoc/>
    public static EuiccInfo1 Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xBF20);
        var info = new EuiccInfo1(
            VersionNumber.Read(ref inner, 0x82), KeyIds.Read(inner.ReadConstructed(0xA9)), KeyIds.Read(inner.ReadConstructed(0xAA)));
        inner.SkipUnknown();
        return info;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF20))
        {
            writer.Octets(0x82, Svn.ToBytes());
            KeyIds.Write(writer, 0xA9, CiKeyIdsForVerification);
            KeyIds.Write(writer, 0xAA, CiKeyIdsForSigning);
        }
    }
}

/// <summary>SGP.32 IoTSpecificInfo, tag B4 of EUICCInfo2: its presence marks an IoT eUICC.</summary>
public sealed record IotSpecificInfo(IReadOnlyList<VersionNumber> Versions, bool EcallSupported, bool FallbackSupported)
{
    internal static IotSpecificInfo Read(BerReader inner)
    {
        var list = inner.ReadConstructed(0xA0);
        var versions = new List<VersionNumber>();
        while (list.HasData)
        {
            versions.Add(VersionNumber.Read(ref list, 0x04));
        }

        var info = new IotSpecificInfo(versions, inner.TryReadNull(0x81), inner.TryReadNull(0x82));
        inner.SkipUnknown();
        return info;
    }

    internal void Write(AsnWriter writer)
    {
        using (writer.Constructed(0xB4))
        {
            using (writer.Constructed(0xA0))
            {
                foreach (var version in Versions)
                {
                    writer.Octets(0x04, version.ToBytes());
                }
            }

            writer.OptionalNull(0x81, EcallSupported);
            writer.OptionalNull(0x82, FallbackSupported);
        }
    }
}

/// <summary>SGP.32 EUICCInfo2, tag BF22. The fields that OpenEim neither makes nor reads are skipped on receipt.</summary>
public sealed record EuiccInfo2 : IBerMessage<EuiccInfo2>
{
    /// <summary>81: SAIP version.</summary>
    public required VersionNumber ProfileVersion { get; init; }

    /// <summary>82: SGP.22 version.</summary>
    public required VersionNumber Svn { get; init; }

    /// <summary>83: firmware version.</summary>
    public required VersionNumber FirmwareVersion { get; init; }

    /// <summary>84: extended card resources (ETSI TS 102 226): applications, free non-volatile and volatile memory.</summary>
    public required ReadOnlyMemory<byte> ExtendedCardResource { get; init; }

    /// <summary>85: UICCCapability, named bits.</summary>
    public uint UiccCapability { get; init; }

    /// <summary>86.</summary>
    public VersionNumber? Ts102241Version { get; init; }

    /// <summary>87.</summary>
    public VersionNumber? GlobalPlatformVersion { get; init; }

    /// <summary>88: RspCapability, named bits.</summary>
    public uint RspCapability { get; init; }

    /// <summary>A9.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> CiKeyIdsForVerification { get; init; }

    /// <summary>AA.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> CiKeyIdsForSigning { get; init; }

    /// <summary>8B: 0 other, 1 basic, 2 medium, 3 contactless.</summary>
    public int? Category { get; init; }

    /// <summary>99: forbidden profile policy rules.</summary>
    public ProfilePolicyRules? ForbiddenPolicyRules { get; init; }

    /// <summary>04: protection profile version.</summary>
    public required VersionNumber ProtectionProfileVersion { get; init; }

    /// <summary>0C: SAS accreditation number, at most 64 characters.</summary>
    public required string SasAccreditationNumber { get; init; }

    /// <summary>90: 0 IPAd, 1 IPAe.</summary>
    public int? IpaMode { get; init; }

    /// <summary>B4.</summary>
    public IotSpecificInfo? IotSpecificInfo { get; init; }

    /// <inheritdoc/>
    public static EuiccInfo2 Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xBF22);
        var info = new EuiccInfo2
        {
            ProfileVersion = VersionNumber.Read(ref inner, 0x81),
            Svn = VersionNumber.Read(ref inner, 0x82),
            FirmwareVersion = VersionNumber.Read(ref inner, 0x83),
            ExtendedCardResource = inner.ReadValue(0x84, 0, 64),
            UiccCapability = inner.ReadNamedBits(0x85),
            Ts102241Version = inner.NextIs(0x86) ? VersionNumber.Read(ref inner, 0x86) : null,
            GlobalPlatformVersion = inner.NextIs(0x87) ? VersionNumber.Read(ref inner, 0x87) : null,
            RspCapability = inner.ReadNamedBits(0x88),
            CiKeyIdsForVerification = KeyIds.Read(inner.ReadConstructed(0xA9)),
            CiKeyIdsForSigning = KeyIds.Read(inner.ReadConstructed(0xAA)),
            Category = (int?)inner.TryReadInteger(0x8B),
            ForbiddenPolicyRules = (ProfilePolicyRules?)inner.TryReadNamedBits(0x99),
            ProtectionProfileVersion = VersionNumber.Read(ref inner, 0x04),
            SasAccreditationNumber = inner.ReadUtf8(0x0C, 0, 256),
        };
        while (inner.HasData)
        {
            info = inner.PeekTag() switch
            {
                0x90 => info with { IpaMode = inner.ReadInt32(0x90) },
                0xB4 => info with { IotSpecificInfo = IotSpecificInfo.Read(inner.ReadConstructed(0xB4)) },
                _ => info.Skipping(ref inner),
            };
        }

        return info;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF22))
        {
            writer.Octets(0x81, ProfileVersion.ToBytes());
            writer.Octets(0x82, Svn.ToBytes());
            writer.Octets(0x83, FirmwareVersion.ToBytes());
            writer.Octets(0x84, ExtendedCardResource.Span);
            writer.NamedBits(0x85, UiccCapability);
            VersionNumber.WriteOptional(writer, 0x86, Ts102241Version);
            VersionNumber.WriteOptional(writer, 0x87, GlobalPlatformVersion);
            writer.NamedBits(0x88, RspCapability);
            KeyIds.Write(writer, 0xA9, CiKeyIdsForVerification);
            KeyIds.Write(writer, 0xAA, CiKeyIdsForSigning);
            writer.OptionalInteger(0x8B, Category);
            writer.OptionalNamedBits(0x99, (uint?)ForbiddenPolicyRules);
            writer.Octets(0x04, ProtectionProfileVersion.ToBytes());
            writer.Utf8(0x0C, SasAccreditationNumber);
            writer.OptionalInteger(0x90, IpaMode);
            IotSpecificInfo?.Write(writer);
        }
    }

    private EuiccInfo2 Skipping(ref BerReader inner)
    {
        inner.ReadEncoded(out _);
        return this;
    }
}

/// <summary>SEQUENCE OF SubjectKeyIdentifier.</summary>
internal static class KeyIds
{
    public static List<ReadOnlyMemory<byte>> Read(BerReader list)
    {
        var ids = new List<ReadOnlyMemory<byte>>();
        while (list.HasData)
        {
            ids.Add(list.ReadValue(0x04, 1, 64));
        }

        return ids;
    }

    public static void Write(AsnWriter writer, uint tag, IReadOnlyList<ReadOnlyMemory<byte>> ids)
    {
        using (writer.Constructed(tag))
        {
            foreach (var id in ids)
            {
                writer.Octets(0x04, id.Span);
            }
        }
    }
}

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

/// <summary>ES10b EUICCInfo1, tag BF20 (SGP.22 5.7.8).</summary>
/// <param name="Svn">The highest SGP.22 version; null when it cannot be read.</param>
/// <param name="CiKeyIdsForVerification">Subject key identifiers of the CIs whose certificates the eUICC trusts.</param>
/// <param name="CiKeyIdsForSigning">Subject key identifiers of the CIs that the eUICC's own certificates lead to.</param>
public sealed record EuiccInfo1(
    VersionNumber? Svn,
    IReadOnlyList<ReadOnlyMemory<byte>> CiKeyIdsForVerification,
    IReadOnlyList<ReadOnlyMemory<byte>> CiKeyIdsForSigning) : IBerMessage<EuiccInfo1>
{
    /// <summary>What could not be read; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; init; } = [];

    /// <inheritdoc/>
    public static EuiccInfo1 Decode(ref BerReader reader)
    {
        var unreadable = new UnreadableValues();
        var fields = new ContentReader(reader.ReadConstructed(Sgp22Tags.EuiccInfo1), unreadable);
        var info = new EuiccInfo1(null, [], []);
        while (fields.Read())
        {
            info = fields.Tag switch
            {
                0x82 => info with { Svn = fields.Version() },
                0xA9 => info with { CiKeyIdsForVerification = KeyIds.Read(fields.Inside()) },
                0xAA => info with { CiKeyIdsForSigning = KeyIds.Read(fields.Inside()) },
                _ => info,
            };
        }

        return info with { Unreadable = unreadable.ToList() };
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.EuiccInfo1))
        {
            VersionNumber.WriteOptional(writer, 0x82, Svn);
            KeyIds.Write(writer, 0xA9, CiKeyIdsForVerification);
            KeyIds.Write(writer, 0xAA, CiKeyIdsForSigning);
        }
    }
}

/// <summary>SGP.32 IoTSpecificInfo, tag B4 of EUICCInfo2: its presence marks an IoT eUICC.</summary>
/// <param name="Versions">A0: the versions of SGP.32 that it supports.</param>
/// <param name="EcallSupported">81.</param>
/// <param name="FallbackSupported">82.</param>
/// <param name="FallbackAllowedUpdateSupported">83, since v1.3: whether ES6 may change a profile's fallbackAllowed.</param>
public sealed record IotSpecificInfo(
    IReadOnlyList<VersionNumber> Versions, bool EcallSupported, bool FallbackSupported, bool FallbackAllowedUpdateSupported = false)
{
    internal static IotSpecificInfo Read(ContentReader fields)
    {
        var info = new IotSpecificInfo([], false, false);
        while (fields.Read())
        {
            info = fields.Tag switch
            {
                0xA0 => info with { Versions = ReadVersions(fields.Inside()) },
                0x81 => info with { EcallSupported = true },
                0x82 => info with { FallbackSupported = true },
                0x83 => info with { FallbackAllowedUpdateSupported = true },
                _ => info,
            };
        }

        return info;
    }

    private static List<VersionNumber> ReadVersions(ContentReader list)
    {
        var versions = new List<VersionNumber>();
        while (list.Read())
        {
            if (list.Tag == 0x04 && list.Version() is { } version)
            {
                versions.Add(version);
            }
        }

        return versions;
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
            writer.OptionalNull(0x83, FallbackAllowedUpdateSupported);
        }
    }
}

/// <summary>SEQUENCE OF SubjectKeyIdentifier.</summary>
internal static class KeyIds
{
    public static List<ReadOnlyMemory<byte>> Read(ContentReader list)
    {
        var ids = new List<ReadOnlyMemory<byte>>();
        while (list.Read())
        {
            if (list.Tag == 0x04 && list.Bytes(1, 64) is { } id)
            {
                ids.Add(id);
            }
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

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>How the ES10c functions name a profile: by ICCID (5A) or by the AID of its ISD-P (4F, 1 to 16 bytes).</summary>
public sealed record ProfileIdentifier
{
    private ProfileIdentifier(Iccid? iccid, ReadOnlyMemory<byte>? isdpAid) => (Iccid, IsdpAid) = (iccid, isdpAid);

    /// <summary>Names a profile by its ICCID.</summary>
    public ProfileIdentifier(Iccid iccid) : this(iccid, null)
    {
    }

    /// <summary>Names a profile by the AID of its ISD-P.</summary>
    public ProfileIdentifier(ReadOnlyMemory<byte> isdpAid) : this(null, isdpAid)
    {
    }

    /// <summary>5A; null when the AID names the profile.</summary>
    public Iccid? Iccid { get; }

    /// <summary>4F; null when the ICCID names the profile.</summary>
    public ReadOnlyMemory<byte>? IsdpAid { get; }

    internal static ProfileIdentifier Read(ref BerReader reader) => reader.PeekTag() switch
    {
        Sgp22Tags.Iccid => new ProfileIdentifier(reader.ReadIccid()),
        Sgp22Tags.Aid => new ProfileIdentifier(reader.ReadValue(Sgp22Tags.Aid, 1, 16)),
        var tag => throw BerReader.Unexpected(tag),
    };

    internal void Write(AsnWriter writer)
    {
        if (Iccid is { } iccid)
        {
            writer.IccidValue(iccid);
        }
        else
        {
            writer.OptionalOctets(Sgp22Tags.Aid, IsdpAid);
        }
    }
}

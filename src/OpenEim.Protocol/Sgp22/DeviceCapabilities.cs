using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 DeviceCapabilities: the highest release that the device supports fully, of each technology; null where it has none.</summary>
public sealed record DeviceCapabilities
{
    /// <summary>80.</summary>
    public VersionNumber? GsmRelease { get; init; }

    /// <summary>81.</summary>
    public VersionNumber? UtranRelease { get; init; }

    /// <summary>82.</summary>
    public VersionNumber? Cdma2000OneXRelease { get; init; }

    /// <summary>83.</summary>
    public VersionNumber? Cdma2000HrpdRelease { get; init; }

    /// <summary>84.</summary>
    public VersionNumber? Cdma2000EhrpdRelease { get; init; }

    /// <summary>85: LTE with an EPC.</summary>
    public VersionNumber? EutranEpcRelease { get; init; }

    /// <summary>86.</summary>
    public VersionNumber? ContactlessRelease { get; init; }

    /// <summary>87: version of SGP.22 whose CRLs are supported.</summary>
    public VersionNumber? RspCrlVersion { get; init; }

    /// <summary>88: 5G radio with an EPC.</summary>
    public VersionNumber? NrEpcRelease { get; init; }

    /// <summary>89: 5G radio with a 5GC.</summary>
    public VersionNumber? Nr5gcRelease { get; init; }

    /// <summary>8A: LTE with a 5GC.</summary>
    public VersionNumber? Eutran5gcRelease { get; init; }

    internal static DeviceCapabilities Read(BerReader inner)
    {
        var capabilities = new DeviceCapabilities
        {
            GsmRelease = Optional(ref inner, 0x80),
            UtranRelease = Optional(ref inner, 0x81),
            Cdma2000OneXRelease = Optional(ref inner, 0x82),
            Cdma2000HrpdRelease = Optional(ref inner, 0x83),
            Cdma2000EhrpdRelease = Optional(ref inner, 0x84),
            EutranEpcRelease = Optional(ref inner, 0x85),
            ContactlessRelease = Optional(ref inner, 0x86),
            RspCrlVersion = Optional(ref inner, 0x87),
            NrEpcRelease = Optional(ref inner, 0x88),
            Nr5gcRelease = Optional(ref inner, 0x89),
            Eutran5gcRelease = Optional(ref inner, 0x8A),
        };
        inner.SkipUnknown();
        return capabilities;
    }

    internal void Write(AsnWriter writer, uint tag)
    {
        using (writer.Constructed(tag))
        {
            VersionNumber.WriteOptional(writer, 0x80, GsmRelease);
            VersionNumber.WriteOptional(writer, 0x81, UtranRelease);
            VersionNumber.WriteOptional(writer, 0x82, Cdma2000OneXRelease);
            VersionNumber.WriteOptional(writer, 0x83, Cdma2000HrpdRelease);
            VersionNumber.WriteOptional(writer, 0x84, Cdma2000EhrpdRelease);
            VersionNumber.WriteOptional(writer, 0x85, EutranEpcRelease);
            VersionNumber.WriteOptional(writer, 0x86, ContactlessRelease);
            VersionNumber.WriteOptional(writer, 0x87, RspCrlVersion);
            VersionNumber.WriteOptional(writer, 0x88, NrEpcRelease);
            VersionNumber.WriteOptional(writer, 0x89, Nr5gcRelease);
            VersionNumber.WriteOptional(writer, 0x8A, Eutran5gcRelease);
        }
    }

    private static VersionNumber? Optional(ref BerReader reader, uint tag) =>
        reader.NextIs(tag) ? VersionNumber.Read(ref reader, tag) : null;
}

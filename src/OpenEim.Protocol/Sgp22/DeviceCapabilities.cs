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

    internal static DeviceCapabilities Read(ContentReader fields)
    {
        var capabilities = new DeviceCapabilities();
        while (fields.Read())
        {
            capabilities = capabilities.With(fields);
        }

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

    private DeviceCapabilities With(ContentReader field) => field.Tag switch
    {
        0x80 => this with { GsmRelease = field.Version() },
        0x81 => this with { UtranRelease = field.Version() },
        0x82 => this with { Cdma2000OneXRelease = field.Version() },
        0x83 => this with { Cdma2000HrpdRelease = field.Version() },
        0x84 => this with { Cdma2000EhrpdRelease = field.Version() },
        0x85 => this with { EutranEpcRelease = field.Version() },
        0x86 => this with { ContactlessRelease = field.Version() },
        0x87 => this with { RspCrlVersion = field.Version() },
        0x88 => this with { NrEpcRelease = field.Version() },
        0x89 => this with { Nr5gcRelease = field.Version() },
        0x8A => this with { Eutran5gcRelease = field.Version() },
        _ => this,
    };
}

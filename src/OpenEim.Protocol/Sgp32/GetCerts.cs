using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ES10b GetCertsRequest, tag BF56 (SGP.32 5.9.13).</summary>
/// <param name="CiPkId">80: the CI whose chain is wanted; null for the eUICC's choice.</param>
public sealed record GetCertsRequest(ReadOnlyMemory<byte>? CiPkId = null) : IBerMessage<GetCertsRequest>
{
    /// <inheritdoc/>
    public static GetCertsRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.GetCerts);
        ReadOnlyMemory<byte>? id = inner.OptionalValue(0x80, 0, 4096);
        inner.SkipUnknown();
        return new GetCertsRequest(id);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.GetCerts))
        {
            writer.OptionalOctets(0x80, CiPkId);
        }
    }
}

/// <summary>ES10b GetCertsResponse, tag BF56 (SGP.32 5.9.13): A0 with both certificates, or an error (1 invalidCiPKId, 127).</summary>
/// <param name="EumCertificate">A5, as an ordinary DER certificate.</param>
/// <param name="EuiccCertificate">A6, as an ordinary DER certificate.</param>
/// <param name="Error">81.</param>
public sealed record GetCertsResponse(ReadOnlyMemory<byte>? EumCertificate, ReadOnlyMemory<byte>? EuiccCertificate, int? Error = null)
    : IBerMessage<GetCertsResponse>
{
    /// <inheritdoc/>
    public static GetCertsResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.GetCerts);
        if (inner.NextIs(0x81))
        {
            return new GetCertsResponse(null, null, inner.ReadInt32(0x81));
        }

        var certs = inner.ReadConstructed(inner.NextIs(0x30) ? 0x30u : 0xA0u);
        var response = new GetCertsResponse(CertificateField.Read(ref certs, 0xA5), CertificateField.Read(ref certs, 0xA6));
        certs.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.GetCerts))
        {
            if (EumCertificate is not { } eum || EuiccCertificate is not { } euicc)
            {
                writer.Integer(0x81, Error ?? 127);
                return;
            }

            using (writer.Constructed(0xA0))
            {
                CertificateField.Write(writer, 0xA5, eum);
                CertificateField.Write(writer, 0xA6, euicc);
            }
        }
    }
}

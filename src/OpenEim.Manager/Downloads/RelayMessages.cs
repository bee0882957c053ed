using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Downloads;

/// <summary>Puts the SM-DP+'s answers into the frames of ESipa (SGP.32 6.3.2.1 to 6.3.2.5). What is signed is carried as it came.</summary>
internal static class RelayMessages
{
    public static byte[] Initiated(InitiateAuthenticationOk ok, ActivationCode? code, RelayedDownload.DeviceData? data) => Answer(0xBF39, writer =>
    {
        writer.Transaction(0x80, ok.TransactionId);
        writer.Raw(ok.ServerSigned1.Span);
        writer.Octets(0x5F37, ok.ServerSignature1.Span);
        writer.Octets(0x04, ok.CiKeyId.Span);
        writer.Raw(ok.ServerCertificate.Span);
        WriteContext(writer, code, data);
    });

    /// <param name="ok">What the SM-DP+ answered.</param>
    /// <param name="hashCc">The hash of the confirmation code, where the eIM has the code.</param>
    public static byte[] Authenticated(AuthenticateClientOk ok, byte[]? hashCc) => Answer(0xBF3B, writer =>
    {
        writer.Transaction(0x80, ok.TransactionId);
        writer.Raw(ok.ProfileMetadata.Span);
        writer.Raw(ok.SmdpSigned2.Span);
        writer.Octets(0x5F37, ok.SmdpSignature2.Span);
        writer.Raw(ok.SmdpCertificate.Span);
        if (hashCc is not null)
        {
            writer.Octets(0x04, hashCc);
        }
    });

    public static byte[] Bound(GetBoundProfilePackageOk ok) => Answer(0xBF3A, writer =>
    {
        writer.Transaction(0x80, ok.TransactionId);
        writer.Raw(ok.BoundProfilePackage.Span);
    });

    public static byte[] Cancelled() => Answer(0xBF41, _ => { });

    public static byte[] Error(uint function, int code) => new RelayedResponse(function, null, code).Encode();

    /// <summary>The eUICC's answer as ES9+ carries it: the CHOICE under BF41 instead of under the field's tag A1.</summary>
    public static byte[] CancelSessionResponse(ReadOnlyMemory<byte> field)
    {
        var reader = new BerReader(field);
        var choice = reader.ReadValue(0xA1);
        return BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0xBF41))
            {
                writer.Raw(choice.Span);
            }
        });
    }

    /// <summary>What the IPA lets the eIM make: ctxParams1, which holds the matching id, or the matching id alone.</summary>
    private static void WriteContext(AsnWriter writer, ActivationCode? code, RelayedDownload.DeviceData? data)
    {
        if (code is null || data is null)
        {
            return;
        }

        if (data.Features.HasFlag(IpaFeatures.EimCtxParams1Generation) && data.DeviceInfo is { } device)
        {
            using (writer.Constructed(0xA2))
            using (writer.Constructed(0xA0))
            {
                writer.Utf8(0x80, code.MatchingId);
                using (writer.Constructed(0xA1))
                {
                    writer.Raw(device);
                }
            }
        }
        else if (data.Features.HasFlag(IpaFeatures.EimDownloadDataHandling))
        {
            writer.Utf8(0x0C, code.MatchingId);
        }
    }

    private static byte[] Answer(uint function, Action<AsnWriter> write)
    {
        var arm = BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0xA0))
            {
                write(writer);
            }
        });
        return new RelayedResponse(function, arm).Encode();
    }
}

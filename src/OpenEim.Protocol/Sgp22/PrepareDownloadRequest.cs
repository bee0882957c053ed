using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SmdpSigned2, a plain SEQUENCE (30; SGP.22 5.7.5): what the SM-DP+ signs with CERT.DPpb, together with the eUICC's first signature.</summary>
/// <param name="TransactionId">80.</param>
/// <param name="ConfirmationCodeRequired">01: ccRequiredFlag.</param>
/// <param name="BppEuiccOtpk">5F49: the eUICC's one-time key of an earlier try, 04‖X‖Y.</param>
public sealed record SmdpSigned2(TransactionId TransactionId, bool ConfirmationCodeRequired, ReadOnlyMemory<byte>? BppEuiccOtpk = null)
    : IBerMessage<SmdpSigned2>
{
    /// <inheritdoc/>
    public static SmdpSigned2 Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0x30);
        var signed = new SmdpSigned2(inner.ReadTransactionId(0x80), inner.ReadBoolean(), inner.OptionalValue(Sgp22Tags.OneTimeKey, 1, 133));
        inner.SkipUnknown();
        return signed;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0x30))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Boolean(0x01, ConfirmationCodeRequired);
            writer.OptionalOctets(Sgp22Tags.OneTimeKey, BppEuiccOtpk);
        }
    }
}

/// <summary>ES10b PrepareDownloadRequest, tag BF21 (SGP.22 5.7.5): <c>BF21{ SmdpSigned2, 5F37, 04 hashCc?, certificate }</c>.</summary>
/// <param name="SignedData">The TLV of SmdpSigned2; the signature covers it and the TLV of euiccSignature1 (<see cref="SignedWith"/>).</param>
/// <param name="Signature">smdpSignature2, raw r‖s.</param>
/// <param name="HashCc">The hashed confirmation code, 32 bytes (<see cref="ConfirmationCodeHash"/>).</param>
/// <param name="SmdpCertificate">DER of CERT.DPpb.</param>
public sealed record PrepareDownloadRequest(
    ReadOnlyMemory<byte> SignedData, ReadOnlyMemory<byte> Signature, ReadOnlyMemory<byte>? HashCc, ReadOnlyMemory<byte> SmdpCertificate)
    : IBerMessage<PrepareDownloadRequest>
{
    /// <summary>Reads what is signed.</summary>
    /// <exception cref="ProtocolException">It is not an SmdpSigned2.</exception>
    public SmdpSigned2 ReadSigned() => BerMessage.Decode<SmdpSigned2>(SignedData);

    /// <summary>The bytes that smdpSignature2 covers: SmdpSigned2 and the TLV of euiccSignature1.</summary>
    /// <param name="smdpSigned2">The TLV.</param>
    /// <param name="euiccSignature1">Raw r‖s, 64 bytes.</param>
    public static byte[] SignedWith(ReadOnlySpan<byte> smdpSigned2, ReadOnlySpan<byte> euiccSignature1) =>
        SignatureField.Append(smdpSigned2, euiccSignature1);

    /// <inheritdoc/>
    public static PrepareDownloadRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.PrepareDownload);
        var request = new PrepareDownloadRequest(
            inner.ReadEncoded(0x30), inner.ReadValue(Sgp22Tags.Signature, 1, 128), inner.OptionalValue(0x04, 32, 32), inner.ReadEncoded(0x30));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.PrepareDownload))
        {
            writer.Raw(SignedData.Span);
            writer.Octets(Sgp22Tags.Signature, Signature.Span);
            writer.OptionalOctets(0x04, HashCc);
            writer.Raw(SmdpCertificate.Span);
        }
    }
}

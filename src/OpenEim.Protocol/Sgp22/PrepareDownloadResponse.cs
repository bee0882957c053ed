using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 EUICCSigned2, a plain SEQUENCE: what the eUICC signs, together with the SM-DP+'s second signature.</summary>
/// <param name="TransactionId">80.</param>
/// <param name="EuiccOtpk">5F49: the eUICC's one-time key, 04‖X‖Y.</param>
/// <param name="HashCc">04: the hashed confirmation code, 32 bytes.</param>
public sealed record EuiccSigned2(TransactionId TransactionId, ReadOnlyMemory<byte> EuiccOtpk, ReadOnlyMemory<byte>? HashCc = null)
    : IBerMessage<EuiccSigned2>
{
    /// <inheritdoc/>
    public static EuiccSigned2 Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0x30);
        var signed = new EuiccSigned2(inner.ReadTransactionId(0x80), inner.ReadValue(0x5F49, 1, 133), inner.OptionalValue(0x04, 32, 32));
        inner.SkipUnknown();
        return signed;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0x30))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Octets(0x5F49, EuiccOtpk.Span);
            writer.OptionalOctets(0x04, HashCc);
        }
    }
}

/// <summary>SGP.22 PrepareDownloadResponseOk.</summary>
/// <param name="SignedData">The TLV of EUICCSigned2; the signature covers it and the TLV of smdpSignature2 (<see cref="SignedWith"/>).</param>
/// <param name="Signature">euiccSignature2, raw r‖s.</param>
public sealed record PrepareDownloadResponseOk(ReadOnlyMemory<byte> SignedData, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Reads what is signed.</summary>
    /// <exception cref="ProtocolException">It is not an EUICCSigned2.</exception>
    public EuiccSigned2 ReadSigned() => BerMessage.Decode<EuiccSigned2>(SignedData);

    /// <summary>The bytes that euiccSignature2 covers: EUICCSigned2 and the TLV of smdpSignature2.</summary>
    /// <param name="euiccSigned2">The TLV.</param>
    /// <param name="smdpSignature2">Raw r‖s, 64 bytes.</param>
    public static byte[] SignedWith(ReadOnlySpan<byte> euiccSigned2, ReadOnlySpan<byte> smdpSignature2) =>
        SignatureField.Append(euiccSigned2, smdpSignature2);
}

/// <summary>SGP.22 DownloadErrorCode.</summary>
public enum DownloadErrorCode
{
    /// <summary>The certificate is invalid.</summary>
    InvalidCertificate = 1,

    /// <summary>The signature does not verify.</summary>
    InvalidSignature = 2,

    /// <summary>The curve is not supported.</summary>
    UnsupportedCurve = 3,

    /// <summary>There is no session.</summary>
    NoSessionContext = 4,

    /// <summary>It is another session's id.</summary>
    InvalidTransactionId = 5,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>SGP.22 PrepareDownloadResponseError.</summary>
public sealed record PrepareDownloadResponseError(TransactionId TransactionId, DownloadErrorCode Code);

/// <summary>ES10b PrepareDownloadResponse, tag BF21: <c>A0</c> the signed answer, or <c>A1{80, 02}</c> an error.</summary>
/// <param name="Ok">Null on an error.</param>
/// <param name="Error">Null on success.</param>
public sealed record PrepareDownloadResponse(PrepareDownloadResponseOk? Ok, PrepareDownloadResponseError? Error = null)
    : IBerMessage<PrepareDownloadResponse>
{
    /// <inheritdoc/>
    public static PrepareDownloadResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xBF21);
        PrepareDownloadResponse response;
        if (inner.TryReadConstructed(0xA1, out var error))
        {
            response = new PrepareDownloadResponse(
                null, new PrepareDownloadResponseError(error.ReadTransactionId(0x80), (DownloadErrorCode)error.ReadInt32()));
            error.SkipUnknown();
        }
        else
        {
            var ok = inner.ReadConstructed(0xA0);
            response = new PrepareDownloadResponse(new PrepareDownloadResponseOk(ok.ReadEncoded(0x30), ok.ReadValue(0x5F37, 1, 128)));
            ok.SkipUnknown();
        }

        inner.ThrowIfNotEmpty();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF21))
        {
            if (Error is { } error)
            {
                using (writer.Constructed(0xA1))
                {
                    writer.Transaction(0x80, error.TransactionId);
                    writer.Integer(0x02, (int)error.Code);
                }
            }
            else
            {
                var ok = Ok ?? throw new InvalidOperationException("neither arm of the CHOICE is set");
                using (writer.Constructed(0xA0))
                {
                    writer.Raw(ok.SignedData.Span);
                    writer.Octets(0x5F37, ok.Signature.Span);
                }
            }
        }
    }
}

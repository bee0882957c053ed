using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>EUICCSigned2, a plain SEQUENCE (30; SGP.22 5.7.5): what the eUICC signs, together with the SM-DP+'s second signature. What is null or empty was left out or cannot be read.</summary>
/// <param name="TransactionId">80.</param>
/// <param name="EuiccOtpk">5F49: the eUICC's one-time key, 04‖X‖Y.</param>
/// <param name="HashCc">04: the hashed confirmation code, 32 bytes.</param>
public sealed record EuiccSigned2(TransactionId? TransactionId, ReadOnlyMemory<byte> EuiccOtpk, ReadOnlyMemory<byte>? HashCc = null)
    : IBerMessage<EuiccSigned2>
{
    /// <summary>What could not be read; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; init; } = [];

    /// <inheritdoc/>
    public static EuiccSigned2 Decode(ref BerReader reader)
    {
        var unreadable = new UnreadableValues();
        var fields = new ContentReader(reader.ReadConstructed(0x30), unreadable);
        var signed = new EuiccSigned2(null, default);
        while (fields.Read())
        {
            signed = fields.Tag switch
            {
                0x80 => signed with { TransactionId = fields.TransactionId() },
                Sgp22Tags.OneTimeKey => signed with { EuiccOtpk = fields.Bytes(1, 133) ?? default },
                0x04 => signed with { HashCc = fields.Bytes(32, 32) },
                _ => signed,
            };
        }

        return signed with { Unreadable = unreadable.ToList() };
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0x30))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Octets(Sgp22Tags.OneTimeKey, EuiccOtpk.Span);
            writer.OptionalOctets(0x04, HashCc);
        }
    }
}

/// <summary>SGP.22 PrepareDownloadResponseOk.</summary>
/// <param name="SignedData">The TLV of EUICCSigned2; the signature covers it and the TLV of smdpSignature2 (<see cref="SignedWith"/>).</param>
/// <param name="Signature">euiccSignature2, raw r‖s.</param>
public sealed record PrepareDownloadResponseOk(ReadOnlyMemory<byte> SignedData, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Reads what is signed, as far as it can be read.</summary>
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
/// <param name="TransactionId">80; null when it cannot be read.</param>
/// <param name="Code">02; undefinedError when it cannot be read.</param>
public sealed record PrepareDownloadResponseError(TransactionId? TransactionId, DownloadErrorCode Code)
{
    internal static PrepareDownloadResponseError Read(ContentReader fields)
    {
        var error = new PrepareDownloadResponseError(null, DownloadErrorCode.UndefinedError);
        while (fields.Read())
        {
            error = fields.Tag switch
            {
                0x80 => error with { TransactionId = fields.TransactionId() },
                0x02 => error with { Code = (DownloadErrorCode?)fields.Int32() ?? DownloadErrorCode.UndefinedError },
                _ => error,
            };
        }

        return error;
    }
}

/// <summary>ES10b PrepareDownloadResponse, tag BF21 (SGP.22 5.7.5): <c>A0</c> the signed answer, or <c>A1{80, 02}</c> an error.</summary>
/// <param name="Ok">Null on an error.</param>
/// <param name="Error">Null on success.</param>
public sealed record PrepareDownloadResponse(PrepareDownloadResponseOk? Ok, PrepareDownloadResponseError? Error = null)
    : IBerMessage<PrepareDownloadResponse>
{
    /// <inheritdoc/>
    public static PrepareDownloadResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.PrepareDownload);
        PrepareDownloadResponse response;
        if (inner.TryReadConstructed(0xA1, out var error))
        {
            response = new PrepareDownloadResponse(null, PrepareDownloadResponseError.Read(new ContentReader(error, new UnreadableValues())));
        }
        else
        {
            var ok = inner.ReadConstructed(0xA0);
            response = new PrepareDownloadResponse(new PrepareDownloadResponseOk(ok.ReadEncoded(0x30), ok.ReadValue(Sgp22Tags.Signature, 1, 128)));
            ok.SkipUnknown();
        }

        inner.ThrowIfNotEmpty();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.PrepareDownload))
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
                    writer.Octets(Sgp22Tags.Signature, ok.Signature.Span);
                }
            }
        }
    }
}

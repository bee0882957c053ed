using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ESipa AuthenticateClientRequestEsipa, tag BF3B (SGP.32 6.3.2.2).</summary>
/// <param name="TransactionId">80: the SM-DP+'s transaction.</param>
/// <param name="AuthenticateServerResponse">BF38, the whole TLV.</param>
public sealed record AuthenticateClientRequestEsipa(TransactionId TransactionId, ReadOnlyMemory<byte> AuthenticateServerResponse)
    : IBerMessage<AuthenticateClientRequestEsipa>
{
    /// <inheritdoc/>
    public static AuthenticateClientRequestEsipa Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.AuthenticateClient);
        var request = new AuthenticateClientRequestEsipa(inner.ReadTransactionId(0x80), inner.ReadEncoded(Sgp22Tags.AuthenticateServer));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.AuthenticateClient))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Raw(AuthenticateServerResponse.Span);
        }
    }
}

/// <summary>ESipa AuthenticateClientResponseEsipa, tag BF3B (SGP.32 6.3.2.2).</summary>
public abstract record AuthenticateClientResponseEsipa : IBerMessage<AuthenticateClientResponseEsipa>
{
    private const uint ErrorTag = 0x82;
    private const uint SmdsTag = 0xA1;

    private AuthenticateClientResponseEsipa()
    {
    }

    /// <summary>A0: what PrepareDownload on the card needs. The parts that the SM-DP+ has signed are carried as they came.</summary>
    /// <param name="TransactionId">80: the SM-DP+'s transaction; the eIM may leave it out.</param>
    /// <param name="ProfileMetadata">BF25, the whole TLV; the eIM may leave it out.</param>
    /// <param name="SmdpSigned2">30, the whole TLV.</param>
    /// <param name="SmdpSignature2">5F37: raw r‖s.</param>
    /// <param name="SmdpCertificate">30: DER of CERT.DPpb.</param>
    /// <param name="HashCc">04: the hash of the confirmation code, 32 bytes, where the eIM has the code.</param>
    public sealed record Ok(
        TransactionId? TransactionId,
        ReadOnlyMemory<byte>? ProfileMetadata,
        ReadOnlyMemory<byte> SmdpSigned2,
        ReadOnlyMemory<byte> SmdpSignature2,
        ReadOnlyMemory<byte> SmdpCertificate,
        ReadOnlyMemory<byte>? HashCc = null) : AuthenticateClientResponseEsipa;

    /// <summary>A1: the answer of an SM-DS. OpenEim asks none, so it is only carried.</summary>
    /// <param name="Encoded">The arm, the whole TLV.</param>
    public sealed record OkSmds(ReadOnlyMemory<byte> Encoded) : AuthenticateClientResponseEsipa;

    /// <summary>82: the function failed.</summary>
    /// <param name="Code">Why.</param>
    public sealed record Failed(AuthenticateClientErrorEsipa Code) : AuthenticateClientResponseEsipa;

    /// <inheritdoc/>
    public static AuthenticateClientResponseEsipa Decode(ref BerReader reader)
    {
        if (!new BerReader(reader.Remaining).Inside(Sgp22Tags.AuthenticateClient).NextIs(SmdsTag))
        {
            return AnswerOrError.Read<AuthenticateClientResponseEsipa>(
                ref reader, Sgp22Tags.AuthenticateClient, ReadOk, code => new Failed((AuthenticateClientErrorEsipa)code), ErrorTag);
        }

        var inner = reader.ReadConstructed(Sgp22Tags.AuthenticateClient);
        var smds = new OkSmds(inner.ReadEncoded(SmdsTag));
        inner.SkipUnknown();
        return smds;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        if (this is OkSmds smds)
        {
            using (writer.Constructed(Sgp22Tags.AuthenticateClient))
            {
                writer.Raw(smds.Encoded.Span);
            }

            return;
        }

        AnswerOrError.Write(
            writer, Sgp22Tags.AuthenticateClient, this is Failed failed ? (int)failed.Code : null, this is Ok ok ? answer => Write(answer, ok) : null, ErrorTag);
    }

    private static Ok ReadOk(ref BerReader fields) => new(
        fields.TryReadTransactionId(0x80),
        fields.OptionalEncoded(Sgp22Tags.StoreMetadata),
        fields.ReadEncoded(0x30),
        fields.ReadValue(Sgp22Tags.Signature, 1, 128),
        fields.ReadEncoded(0x30),
        fields.OptionalValue(0x04, ConfirmationCodeHash.ByteLength, ConfirmationCodeHash.ByteLength));

    private static void Write(AsnWriter writer, Ok ok)
    {
        writer.Transaction(0x80, ok.TransactionId);
        if (ok.ProfileMetadata is { } metadata)
        {
            writer.Raw(metadata.Span);
        }

        writer.Raw(ok.SmdpSigned2.Span);
        writer.Octets(Sgp22Tags.Signature, ok.SmdpSignature2.Span);
        writer.Raw(ok.SmdpCertificate.Span);
        writer.OptionalOctets(0x04, ok.HashCc);
    }
}

/// <summary>Error of ESipa AuthenticateClient.</summary>
public enum AuthenticateClientErrorEsipa
{
    /// <summary>The EUM certificate is invalid.</summary>
    EumCertificateInvalid = 1,

    /// <summary>The EUM certificate has expired.</summary>
    EumCertificateExpired = 2,

    /// <summary>The eUICC certificate is invalid.</summary>
    EuiccCertificateInvalid = 3,

    /// <summary>The eUICC certificate has expired.</summary>
    EuiccCertificateExpired = 4,

    /// <summary>The eUICC's signature does not verify.</summary>
    EuiccSignatureInvalid = 5,

    /// <summary>The matching id is unknown or used.</summary>
    MatchingIdRefused = 6,

    /// <summary>The profile is for another EID.</summary>
    EidMismatch = 7,

    /// <summary>The eUICC cannot take the profile.</summary>
    NoEligibleProfile = 8,

    /// <summary>The CI is unknown.</summary>
    CiPkUnknown = 9,

    /// <summary>No such session.</summary>
    InvalidTransactionId = 10,

    /// <summary>The eUICC's memory is too small.</summary>
    InsufficientMemory = 11,

    /// <summary>The download order has expired; since v1.3, where 12 to 17 are reserved.</summary>
    DownloadOrderExpired = 18,

    /// <summary>Profile policy rules are not allowed.</summary>
    PprNotAllowed = 50,

    /// <summary>The event is unknown.</summary>
    EventIdUnknown = 56,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

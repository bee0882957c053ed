using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ESipa InitiateAuthenticationRequestEsipa, tag BF39 (SGP.32 6.3.2.1).</summary>
/// <param name="EuiccChallenge">81: 16 bytes.</param>
/// <param name="SmdpAddress">83.</param>
/// <param name="EuiccInfo1">BF20, the whole TLV.</param>
/// <param name="TransactionId">82: the eIM's transaction.</param>
public sealed record InitiateAuthenticationRequestEsipa(
    ReadOnlyMemory<byte> EuiccChallenge, string? SmdpAddress, ReadOnlyMemory<byte>? EuiccInfo1, TransactionId? TransactionId)
    : IBerMessage<InitiateAuthenticationRequestEsipa>
{
    /// <inheritdoc/>
    public static InitiateAuthenticationRequestEsipa Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.InitiateAuthentication);
        var request = new InitiateAuthenticationRequestEsipa(
            inner.ReadValue(0x81, 16, 16),
            inner.TryReadUtf8(0x83, 255),
            inner.OptionalEncoded(Sgp22Tags.EuiccInfo1),
            inner.TryReadTransactionId(0x82));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.InitiateAuthentication))
        {
            writer.Octets(0x81, EuiccChallenge.Span);
            writer.OptionalUtf8(0x83, SmdpAddress);
            if (EuiccInfo1 is { } info)
            {
                writer.Raw(info.Span);
            }

            writer.Transaction(0x82, TransactionId);
        }
    }
}

/// <summary>ESipa InitiateAuthenticationResponseEsipa, tag BF39 (SGP.32 6.3.2.1).</summary>
public abstract record InitiateAuthenticationResponseEsipa : IBerMessage<InitiateAuthenticationResponseEsipa>
{
    private InitiateAuthenticationResponseEsipa()
    {
    }

    /// <summary>A0: what AuthenticateServer on the card needs. The parts that the SM-DP+ has signed are carried as they came.</summary>
    /// <param name="TransactionId">80: the SM-DP+'s transaction; the eIM may leave it out.</param>
    /// <param name="ServerSigned1">30, the whole TLV.</param>
    /// <param name="ServerSignature1">5F37: raw r‖s.</param>
    /// <param name="CiKeyId">04: subject key identifier of the CI.</param>
    /// <param name="ServerCertificate">30: DER of CERT.DPauth.</param>
    public sealed record Ok(
        TransactionId? TransactionId,
        ReadOnlyMemory<byte> ServerSigned1,
        ReadOnlyMemory<byte> ServerSignature1,
        ReadOnlyMemory<byte> CiKeyId,
        ReadOnlyMemory<byte> ServerCertificate) : InitiateAuthenticationResponseEsipa
    {
        /// <summary>0C: the matching id, for an IPA that lets the eIM handle download data.</summary>
        public string? MatchingId { get; init; }

        /// <summary>A2: CtxParams1, the whole TLV of its arm A0, for an IPA that lets the eIM make it.</summary>
        public ReadOnlyMemory<byte>? CtxParams1 { get; init; }
    }

    /// <summary>81: the function failed.</summary>
    /// <param name="Code">Why.</param>
    public sealed record Failed(InitiateAuthenticationErrorEsipa Code) : InitiateAuthenticationResponseEsipa;

    /// <inheritdoc/>
    public static InitiateAuthenticationResponseEsipa Decode(ref BerReader reader) => AnswerOrError.Read<InitiateAuthenticationResponseEsipa>(
        ref reader, Sgp22Tags.InitiateAuthentication, ReadOk, code => new Failed((InitiateAuthenticationErrorEsipa)code));

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) =>
        AnswerOrError.Write(
            writer, Sgp22Tags.InitiateAuthentication, this is Failed failed ? (int)failed.Code : null, this is Ok ok ? answer => Write(answer, ok) : null);

    private static Ok ReadOk(ref BerReader fields)
    {
        var ok = new Ok(
            fields.TryReadTransactionId(0x80),
            fields.ReadEncoded(0x30),
            fields.ReadValue(Sgp22Tags.Signature, 1, 128),
            fields.ReadValue(0x04, 1, 64),
            fields.ReadEncoded(0x30))
        { MatchingId = fields.TryReadUtf8(0x0C, 255) };
        return fields.TryReadConstructed(0xA2, out var choice) ? ok with { CtxParams1 = choice.ReadEncoded(0xA0) } : ok;
    }

    private static void Write(AsnWriter writer, Ok ok)
    {
        writer.Transaction(0x80, ok.TransactionId);
        writer.Raw(ok.ServerSigned1.Span);
        writer.Octets(Sgp22Tags.Signature, ok.ServerSignature1.Span);
        writer.Octets(0x04, ok.CiKeyId.Span);
        writer.Raw(ok.ServerCertificate.Span);
        writer.OptionalUtf8(0x0C, ok.MatchingId);
        writer.OptionalConstructed(0xA2, ok.CtxParams1);
    }
}

/// <summary>Error of ESipa InitiateAuthentication.</summary>
public enum InitiateAuthenticationErrorEsipa
{
    /// <summary>No such SM-DP+ address.</summary>
    InvalidDpAddress = 1,

    /// <summary>The SM-DP+ does not support the eUICC's version.</summary>
    EuiccVersionNotSupportedByDp = 2,

    /// <summary>No common CI key.</summary>
    CiPkIdNotSupported = 3,

    /// <summary>The address does not match the SM-DP+'s answer.</summary>
    SmdpAddressMismatch = 50,

    /// <summary>The OID does not match the activation code.</summary>
    SmdpOidMismatch = 51,

    /// <summary>No download of ours goes on under this id.</summary>
    InvalidEimTransactionId = 52,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

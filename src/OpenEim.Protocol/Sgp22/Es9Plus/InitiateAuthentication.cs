using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>ES9+ InitiateAuthenticationRequest, tag BF39 (SGP.22 5.6.1).</summary>
/// <param name="EuiccChallenge">81: 16 bytes.</param>
/// <param name="SmdpAddress">83: the address under which the device reached the SM-DP+.</param>
/// <param name="EuiccInfo1">BF20, the whole TLV.</param>
public sealed record InitiateAuthenticationRequest(ReadOnlyMemory<byte> EuiccChallenge, string SmdpAddress, ReadOnlyMemory<byte> EuiccInfo1)
    : IBerMessage<InitiateAuthenticationRequest>
{
    /// <summary>Reads the eUICC's information.</summary>
    /// <exception cref="ProtocolException">It is not an EUICCInfo1.</exception>
    public EuiccInfo1 ReadEuiccInfo1() => BerMessage.Decode<EuiccInfo1>(EuiccInfo1);

    /// <inheritdoc/>
    public static InitiateAuthenticationRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.InitiateAuthentication);
        var request = new InitiateAuthenticationRequest(
            inner.ReadValue(0x81, 16, 16), inner.ReadUtf8(0x83, 0, 255), inner.ReadEncoded(Sgp22Tags.EuiccInfo1));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.InitiateAuthentication))
        {
            writer.Octets(0x81, EuiccChallenge.Span);
            writer.Utf8(0x83, SmdpAddress);
            writer.Raw(EuiccInfo1.Span);
        }
    }
}

/// <summary>SGP.22 InitiateAuthenticationOkEs9: what AuthenticateServer on the card needs.</summary>
/// <param name="TransactionId">80.</param>
/// <param name="ServerSigned1">The TLV of ServerSigned1, as signed by CERT.DPauth.</param>
/// <param name="ServerSignature1">Raw r‖s.</param>
/// <param name="CiKeyId">euiccCiPKIdToBeUsed: subject key identifier of the CI.</param>
/// <param name="ServerCertificate">DER of CERT.DPauth.</param>
public sealed record InitiateAuthenticationOk(
    TransactionId TransactionId,
    ReadOnlyMemory<byte> ServerSigned1,
    ReadOnlyMemory<byte> ServerSignature1,
    ReadOnlyMemory<byte> CiKeyId,
    ReadOnlyMemory<byte> ServerCertificate)
{
    internal static InitiateAuthenticationOk Read(BerReader inner)
    {
        var ok = new InitiateAuthenticationOk(
            inner.ReadTransactionId(0x80),
            inner.ReadEncoded(0x30),
            inner.ReadValue(Sgp22Tags.Signature, 1, 128),
            inner.ReadValue(0x04, 1, 64),
            inner.ReadEncoded(0x30));
        inner.SkipUnknown();
        return ok;
    }

    internal void Write(AsnWriter writer)
    {
        writer.Transaction(0x80, TransactionId);
        writer.Raw(ServerSigned1.Span);
        writer.Octets(Sgp22Tags.Signature, ServerSignature1.Span);
        writer.Octets(0x04, CiKeyId.Span);
        writer.Raw(ServerCertificate.Span);
    }
}

/// <summary>Error of ES9+ InitiateAuthentication in the ASN.1 binding.</summary>
public enum InitiateAuthenticationError
{
    /// <summary>The SM-DP+ has another address.</summary>
    InvalidDpAddress = 1,

    /// <summary>The SM-DP+ does not support the eUICC's version.</summary>
    EuiccVersionNotSupportedByDp = 2,

    /// <summary>There is no common CI key.</summary>
    CiPkNotSupported = 3,
}

/// <summary>ES9+ InitiateAuthenticationResponse, tag BF39 (SGP.22 5.6.1): <c>A0</c> the answer, or <c>81</c> an error.</summary>
/// <param name="Ok">Null on an error.</param>
/// <param name="Error">Null on success.</param>
public sealed record InitiateAuthenticationResponse(InitiateAuthenticationOk? Ok, InitiateAuthenticationError? Error = null) : IBerMessage<InitiateAuthenticationResponse>
{
    /// <inheritdoc/>
    public static InitiateAuthenticationResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.InitiateAuthentication);
        var response = inner.NextIs(0x81)
            ? new InitiateAuthenticationResponse(null, (InitiateAuthenticationError)inner.ReadInt32(0x81))
            : new InitiateAuthenticationResponse(InitiateAuthenticationOk.Read(inner.ReadConstructed(0xA0)));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => AnswerOrError.Write(writer, Sgp22Tags.InitiateAuthentication, (int?)Error, Ok is { } ok ? ok.Write : null);
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ServerSigned1, a plain SEQUENCE (30; SGP.22 5.7.13): what the SM-DP+ signs with CERT.DPauth.</summary>
/// <param name="TransactionId">80.</param>
/// <param name="EuiccChallenge">81: 16 bytes.</param>
/// <param name="ServerAddress">83: the SM-DP+'s FQDN.</param>
/// <param name="ServerChallenge">84: 16 bytes.</param>
public sealed record ServerSigned1(
    TransactionId TransactionId, ReadOnlyMemory<byte> EuiccChallenge, string ServerAddress, ReadOnlyMemory<byte> ServerChallenge)
    : IBerMessage<ServerSigned1>
{
    /// <inheritdoc/>
    public static ServerSigned1 Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0x30);
        var signed = new ServerSigned1(
            inner.ReadTransactionId(0x80), inner.ReadValue(0x81, 16, 16), inner.ReadUtf8(0x83, 0, 255), inner.ReadValue(0x84, 16, 16));
        inner.SkipUnknown();
        return signed;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0x30))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Octets(0x81, EuiccChallenge.Span);
            writer.Utf8(0x83, ServerAddress);
            writer.Octets(0x84, ServerChallenge.Span);
        }
    }
}

/// <summary>ES10b AuthenticateServerRequest, tag BF38 (SGP.22 5.7.13): <c>BF38{ ServerSigned1, 5F37, 04 ciPkId, certificate, CtxParams1 }</c>.</summary>
/// <param name="SignedData">The TLV of ServerSigned1, as signed by CERT.DPauth.</param>
/// <param name="Signature">serverSignature1, raw r‖s.</param>
/// <param name="CiKeyId">euiccCiPKIdToBeUsed: subject key identifier of the CI.</param>
/// <param name="ServerCertificate">DER of CERT.DPauth.</param>
/// <param name="CtxParams1">The TLV of CtxParams1: the eUICC signs these bytes in its answer.</param>
public sealed record AuthenticateServerRequest(
    ReadOnlyMemory<byte> SignedData,
    ReadOnlyMemory<byte> Signature,
    ReadOnlyMemory<byte> CiKeyId,
    ReadOnlyMemory<byte> ServerCertificate,
    ReadOnlyMemory<byte> CtxParams1) : IBerMessage<AuthenticateServerRequest>
{
    /// <summary>Reads what is signed.</summary>
    /// <exception cref="ProtocolException">It is not a ServerSigned1.</exception>
    public ServerSigned1 ReadSigned() => BerMessage.Decode<ServerSigned1>(SignedData);

    /// <summary>Reads the context parameters.</summary>
    /// <exception cref="ProtocolException">They are not a CtxParams1.</exception>
    public CtxParams1 ReadCtxParams1() => BerMessage.Decode<CtxParams1>(CtxParams1);

    /// <inheritdoc/>
    public static AuthenticateServerRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.AuthenticateServer);
        var request = new AuthenticateServerRequest(
            inner.ReadEncoded(0x30),
            inner.ReadValue(Sgp22Tags.Signature, 1, 128),
            inner.ReadValue(0x04, 1, 64),
            inner.ReadEncoded(0x30),
            inner.ReadEncoded(0xA0));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.AuthenticateServer))
        {
            writer.Raw(SignedData.Span);
            writer.Octets(Sgp22Tags.Signature, Signature.Span);
            writer.Octets(0x04, CiKeyId.Span);
            writer.Raw(ServerCertificate.Span);
            writer.Raw(CtxParams1.Span);
        }
    }
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ControlRefTemplate, tag A6 (SGP.22 5.5.1): which keys the key agreement shall give.</summary>
/// <param name="KeyType">80: 88 is AES.</param>
/// <param name="KeyLength">81: in bytes, 10 hex.</param>
/// <param name="HostId">84: 1 to 16 bytes.</param>
public sealed record ControlRefTemplate(byte KeyType, byte KeyLength, ReadOnlyMemory<byte> HostId) : IBerMessage<ControlRefTemplate>
{
    /// <summary>The key type of AES.</summary>
    public const byte Aes = 0x88;

    /// <summary>The one key length of SGP.22, in bytes.</summary>
    public const byte Aes128Length = 0x10;

    /// <inheritdoc/>
    public static ControlRefTemplate Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xA6);
        var template = new ControlRefTemplate(
            inner.ReadValue(0x80, 1, 1).Span[0], inner.ReadValue(0x81, 1, 1).Span[0], inner.ReadValue(0x84, 1, 16));
        inner.SkipUnknown();
        return template;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xA6))
        {
            writer.Octets(0x80, [KeyType]);
            writer.Octets(0x81, [KeyLength]);
            writer.Octets(0x84, HostId.Span);
        }
    }
}

/// <summary>ES8+ InitialiseSecureChannelRequest, tag BF23 (SGP.22 5.5.1): <c>BF23{ 82, 80, A6, 5F49, 5F37 }</c>.</summary>
/// <param name="SignedData">The four TLVs before the signature, as signed; the signature covers them and the eUICC's one-time key (<see cref="SignedWith"/>).</param>
/// <param name="RemoteOpId">82: 1 is installBoundProfilePackage; the eUICC refuses any other.</param>
/// <param name="TransactionId">80.</param>
/// <param name="ControlRefTemplate">A6.</param>
/// <param name="SmdpOtpk">5F49: the SM-DP+'s one-time key, 04‖X‖Y.</param>
/// <param name="Signature">smdpSign, raw r‖s.</param>
public sealed record InitialiseSecureChannelRequest(
    ReadOnlyMemory<byte> SignedData,
    long RemoteOpId,
    TransactionId TransactionId,
    ControlRefTemplate ControlRefTemplate,
    ReadOnlyMemory<byte> SmdpOtpk,
    ReadOnlyMemory<byte> Signature) : IBerMessage<InitialiseSecureChannelRequest>
{
    /// <summary>The remote operation installBoundProfilePackage.</summary>
    public const int InstallBoundProfilePackage = 1;

    /// <summary>Writes the four TLVs that come before the signature, for installBoundProfilePackage with AES-128.</summary>
    public static byte[] EncodeSigned(TransactionId transactionId, ReadOnlyMemory<byte> hostId, ReadOnlyMemory<byte> smdpOtpk) =>
        BerWriting.Encode(writer =>
        {
            writer.Integer(0x82, InstallBoundProfilePackage);
            writer.Transaction(0x80, transactionId);
            new ControlRefTemplate(ControlRefTemplate.Aes, ControlRefTemplate.Aes128Length, hostId).Encode(writer);
            writer.Octets(Sgp22Tags.OneTimeKey, smdpOtpk.Span);
        });

    /// <summary>The bytes that smdpSign covers: the four TLVs and the TLV of the eUICC's one-time key.</summary>
    /// <param name="signedData">The four TLVs.</param>
    /// <param name="euiccOtpk">The eUICC's one-time key, 04‖X‖Y.</param>
    public static byte[] SignedWith(ReadOnlySpan<byte> signedData, ReadOnlyMemory<byte> euiccOtpk)
    {
        var key = BerWriting.Encode(writer => writer.Octets(Sgp22Tags.OneTimeKey, euiccOtpk.Span));
        return [.. signedData, .. key];
    }

    /// <summary>Puts a request together from its signed part and the signature.</summary>
    /// <exception cref="ProtocolException">The signed part is not the four TLVs.</exception>
    public static InitialiseSecureChannelRequest Create(ReadOnlyMemory<byte> signedData, ReadOnlyMemory<byte> signature)
    {
        var inner = new BerReader(signedData);
        var request = ReadSigned(ref inner) with { Signature = signature };
        inner.ThrowIfNotEmpty();
        return request;
    }

    /// <inheritdoc/>
    public static InitialiseSecureChannelRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.InitialiseSecureChannel);
        var request = ReadSigned(ref inner);
        request = request with { Signature = inner.ReadValue(Sgp22Tags.Signature, 1, 128) };
        inner.ThrowIfNotEmpty();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.InitialiseSecureChannel))
        {
            writer.Raw(SignedData.Span);
            writer.Octets(Sgp22Tags.Signature, Signature.Span);
        }
    }

    private static InitialiseSecureChannelRequest ReadSigned(ref BerReader inner)
    {
        var all = inner.Remaining;
        var remoteOpId = inner.ReadInteger(0x82);
        var transactionId = inner.ReadTransactionId(0x80);
        var template = ControlRefTemplate.Decode(ref inner);
        var otpk = inner.ReadValue(Sgp22Tags.OneTimeKey, 1, 133);
        var signed = all[..^inner.Remaining.Length];
        return new InitialiseSecureChannelRequest(signed, remoteOpId, transactionId, template, otpk, default);
    }
}

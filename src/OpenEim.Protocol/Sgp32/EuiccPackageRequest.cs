using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp32;

/// <summary>EuiccPackageSigned, a plain SEQUENCE (30; SGP.32 2.11.1.1): what the eIM signs.</summary>
/// <param name="EimId">80: the eIM's id, 1 to 128 bytes.</param>
/// <param name="Eid">5A: for this eUICC only.</param>
/// <param name="CounterValue">81: replay protection, one higher for each package.</param>
/// <param name="TransactionId">82: the eIM's transaction.</param>
/// <param name="Package">The commands.</param>
public sealed record EuiccPackageSigned(string EimId, Eid Eid, long CounterValue, TransactionId? TransactionId, EuiccPackage Package)
    : IBerMessage<EuiccPackageSigned>
{
    /// <inheritdoc/>
    public static EuiccPackageSigned Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0x30);
        var signed = new EuiccPackageSigned(
            inner.ReadUtf8(0x80, 1, 128),
            inner.ReadEid(),
            inner.ReadInteger(0x81),
            inner.TryReadTransactionId(0x82),
            EuiccPackage.Decode(ref inner));
        inner.SkipUnknown();
        return signed;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0x30))
        {
            writer.Utf8(0x80, EimId);
            writer.EidValue(Eid);
            writer.Integer(0x81, CounterValue);
            writer.Transaction(0x82, TransactionId);
            Package.Encode(writer);
        }
    }
}

/// <summary>EuiccPackageRequest, tag BF51 (SGP.32 2.11.1.1): <c>BF51{ EuiccPackageSigned, 5F37 eimSignature }</c>.</summary>
/// <param name="SignedData">The TLV of EuiccPackageSigned, as signed.</param>
/// <param name="Signature">eimSignature, raw r‖s.</param>
public sealed record EuiccPackageRequest(ReadOnlyMemory<byte> SignedData, ReadOnlyMemory<byte> Signature) : IBerMessage<EuiccPackageRequest>
{
    /// <summary>Reads what is signed.</summary>
    /// <exception cref="ProtocolException">It is not an EuiccPackageSigned.</exception>
    public EuiccPackageSigned ReadSigned() => BerMessage.Decode<EuiccPackageSigned>(SignedData);

    /// <inheritdoc/>
    public static EuiccPackageRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.EuiccPackageRequest);
        var request = new EuiccPackageRequest(inner.ReadEncoded(0x30), inner.ReadValue(Sgp22Tags.Signature, 1, 128));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.EuiccPackageRequest))
        {
            writer.Raw(SignedData.Span);
            writer.Octets(Sgp22Tags.Signature, Signature.Span);
        }
    }
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp32;

/// <summary>EuiccPackageResult, tag BF51: what the eUICC made of a package.</summary>
/// <param name="Encoded">The whole TLV as received.</param>
public abstract record EuiccPackageResult(ReadOnlyMemory<byte> Encoded) : IBerMessage<EuiccPackageResult>
{
    /// <summary>80: the eIM that the package came from.</summary>
    public abstract string EimId { get; }

    /// <summary>82: the eIM's transaction; v1.0 leaves it out of errors.</summary>
    public abstract TransactionId? TransactionId { get; }

    /// <inheritdoc/>
    /// <remarks>Cards send the CHOICE's arm (A0, A1, A2) or a bare SEQUENCE; then the content tells which it is.</remarks>
    public static EuiccPackageResult Decode(ref BerReader reader)
    {
        var encoded = reader.ReadEncoded(0xBF51);
        var outer = new BerReader(encoded).Inside(0xBF51);
        var tag = outer.PeekTag();
        if (tag is not (0xA0 or 0xA1 or 0xA2 or 0x30))
        {
            throw BerReader.Unexpected(tag);
        }

        var arm = outer.ReadConstructed(tag);
        outer.ThrowIfNotEmpty();
        return tag == 0xA2 || !arm.NextIs(0x30)
            ? EuiccPackageErrorUnsigned.Read(encoded, arm)
            : ReadSigned(encoded, arm, tag);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => writer.Raw(Encoded.Span);

    private static EuiccPackageResult ReadSigned(ReadOnlyMemory<byte> encoded, BerReader arm, uint tag)
    {
        var signed = arm.ReadEncoded(0x30);
        var signature = arm.ReadValue(0x5F37, 1, 128);
        arm.SkipUnknown();
        var data = new BerReader(signed).Inside(0x30);
        var eimId = data.ReadUtf8(0x80, 1, 128);
        var counter = data.ReadInteger(0x81);
        var transactionId = data.TryReadTransactionId(0x82);
        if (tag == 0xA1 || (tag == 0x30 && data.NextIs(0x02)))
        {
            var code = (EuiccPackageErrorCode)data.ReadInt32();
            data.SkipUnknown();
            return new EuiccPackageErrorSigned(encoded, signed, signature, eimId, counter, transactionId, code);
        }

        var sequenceNumber = data.ReadInteger(0x83);
        var list = data.ReadConstructed(0x30);
        data.SkipUnknown();
        var results = new List<EuiccResultData>();
        while (list.HasData)
        {
            results.Add(EuiccResultData.Decode(ref list));
        }

        return new EuiccPackageResultSigned(encoded, signed, signature, eimId, counter, transactionId, sequenceNumber, results);
    }
}

/// <summary>A result that carries the eUICC's signature: of success (A0) or of refusal (A1).</summary>
/// <param name="Encoded">The whole TLV as received.</param>
/// <param name="SignedData">The TLV 30 of the signed data, as received.</param>
/// <param name="Signature">euiccSignEPR or euiccSignEPE, raw r‖s.</param>
/// <param name="CounterValue">81: the counter of the package.</param>
public abstract record SignedPackageResult(
    ReadOnlyMemory<byte> Encoded, ReadOnlyMemory<byte> SignedData, ReadOnlyMemory<byte> Signature, long CounterValue) : EuiccPackageResult(Encoded)
{
    private protected static byte[] Assemble(uint arm, ReadOnlyMemory<byte> signedData, ReadOnlyMemory<byte> signature) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0xBF51))
        using (writer.Constructed(arm))
        {
            writer.Raw(signedData.Span);
            writer.Octets(0x5F37, signature.Span);
        }
    });

    private protected static byte[] EncodeData(
        string eimId, long counterValue, TransactionId? transactionId, Action<AsnWriter> rest) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0x30))
        {
            writer.Utf8(0x80, eimId);
            writer.Integer(0x81, counterValue);
            writer.Transaction(0x82, transactionId);
            rest(writer);
        }
    });
}

/// <summary>EuiccPackageResultSigned, arm A0: the commands ran; the results in order, up to the first failure.</summary>
public sealed record EuiccPackageResultSigned(
    ReadOnlyMemory<byte> Encoded,
    ReadOnlyMemory<byte> SignedData,
    ReadOnlyMemory<byte> Signature,
    string EimId,
    long CounterValue,
    TransactionId? TransactionId,
    long SequenceNumber,
    IReadOnlyList<EuiccResultData> Results) : SignedPackageResult(Encoded, SignedData, Signature, CounterValue)
{
    /// <inheritdoc/>
    public override string EimId { get; } = EimId;

    /// <inheritdoc/>
    public override TransactionId? TransactionId { get; } = TransactionId;

    /// <summary>Encodes EuiccPackageResultDataSigned, ready to be signed.</summary>
    public static byte[] EncodeData(
        string eimId, long counterValue, TransactionId? transactionId, long sequenceNumber, IReadOnlyList<EuiccResultData> results) =>
        EncodeData(eimId, counterValue, transactionId, writer =>
        {
            writer.Integer(0x83, sequenceNumber);
            using (writer.Constructed(0x30))
            {
                foreach (var result in results)
                {
                    result.Encode(writer);
                }
            }
        });

    /// <summary>Encodes the whole BF51 from signed data and signature.</summary>
    public static byte[] Encode(ReadOnlyMemory<byte> signedData, ReadOnlyMemory<byte> signature) => Assemble(0xA0, signedData, signature);
}

/// <summary>EuiccPackageErrorSigned, arm A1: the package was refused whole.</summary>
public sealed record EuiccPackageErrorSigned(
    ReadOnlyMemory<byte> Encoded,
    ReadOnlyMemory<byte> SignedData,
    ReadOnlyMemory<byte> Signature,
    string EimId,
    long CounterValue,
    TransactionId? TransactionId,
    EuiccPackageErrorCode Code) : SignedPackageResult(Encoded, SignedData, Signature, CounterValue)
{
    /// <inheritdoc/>
    public override string EimId { get; } = EimId;

    /// <inheritdoc/>
    public override TransactionId? TransactionId { get; } = TransactionId;

    /// <summary>Encodes EuiccPackageErrorDataSigned, ready to be signed.</summary>
    public static byte[] EncodeData(string eimId, long counterValue, TransactionId? transactionId, EuiccPackageErrorCode code) =>
        EncodeData(eimId, counterValue, transactionId, writer => writer.Integer(0x02, (int)code));

    /// <summary>Encodes the whole BF51 from signed data and signature.</summary>
    public static byte[] Encode(ReadOnlyMemory<byte> signedData, ReadOnlyMemory<byte> signature) => Assemble(0xA1, signedData, signature);
}

/// <summary>EuiccPackageErrorUnsigned, arm A2: the eUICC could not tell who sent the package. It proves nothing.</summary>
/// <param name="Encoded">The whole TLV as received.</param>
/// <param name="EimId">80.</param>
/// <param name="TransactionId">82.</param>
/// <param name="AssociationToken">84.</param>
/// <param name="Code">8F: an error code that newer versions add.</param>
public sealed record EuiccPackageErrorUnsigned(
    ReadOnlyMemory<byte> Encoded, string EimId, TransactionId? TransactionId, long? AssociationToken, int? Code) : EuiccPackageResult(Encoded)
{
    /// <inheritdoc/>
    public override string EimId { get; } = EimId;

    /// <inheritdoc/>
    public override TransactionId? TransactionId { get; } = TransactionId;

    /// <summary>Encodes the whole BF51.</summary>
    public static byte[] Encode(string eimId, TransactionId? transactionId, long? associationToken) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0xBF51))
        using (writer.Constructed(0xA2))
        {
            writer.Utf8(0x80, eimId);
            writer.Transaction(0x82, transactionId);
            writer.OptionalInteger(0x84, associationToken);
        }
    });

    internal static EuiccPackageErrorUnsigned Read(ReadOnlyMemory<byte> encoded, BerReader arm)
    {
        var eimId = arm.ReadUtf8(0x80, 1, 128);
        var transactionId = arm.TryReadTransactionId(0x82);
        var token = arm.TryReadInteger(0x84);
        var code = (int?)arm.TryReadInteger(0x8F);
        arm.SkipUnknown();
        return new EuiccPackageErrorUnsigned(encoded, eimId, transactionId, token, code);
    }
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp32;

/// <summary>EuiccPackageResult, tag BF51 (SGP.32 2.11.2.1): what the eUICC made of a package.</summary>
/// <param name="Encoded">The whole TLV as received.</param>
public abstract record EuiccPackageResult(ReadOnlyMemory<byte> Encoded) : IBerMessage<EuiccPackageResult>
{
    /// <summary>80: the eIM that the package came from.</summary>
    public abstract string EimId { get; }

    /// <summary>82: the eIM's transaction; v1.0 leaves it out of errors.</summary>
    public abstract TransactionId? TransactionId { get; }

    /// <summary>What could not be read of the content, at any depth; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; init; } = [];

    /// <inheritdoc/>
    /// <remarks>
    /// Cards send the CHOICE's arm (A0, A1, A2) or a bare SEQUENCE; then the content tells which it is. Some send a bare error
    /// code. The frame, the signed slice, the signature and the eIM's id are read strictly, the rest leniently.
    /// </remarks>
    public static EuiccPackageResult Decode(ref BerReader reader)
    {
        var encoded = reader.ReadEncoded(Sgp32Tags.EuiccPackageResult);
        var outer = new BerReader(encoded).Inside(Sgp32Tags.EuiccPackageResult);
        var tag = outer.PeekTag();
        if (tag == 0x02)
        {
            return EuiccPackageErrorUnsigned.Read(encoded, outer);
        }

        if (tag is not (0xA0 or 0xA1 or 0xA2 or 0x30))
        {
            throw BerReader.Unexpected(tag);
        }

        var arm = outer.ReadConstructed(tag);
        outer.ThrowIfNotEmpty();
        return tag == 0xA2 || !arm.NextIs(0x30)
            ? EuiccPackageErrorUnsigned.Read(encoded, arm)
            : SignedPackageResult.Read(encoded, arm, tag);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => writer.Raw(Encoded.Span);
}

/// <summary>A result that carries the eUICC's signature: of success (A0) or of refusal (A1).</summary>
/// <param name="Encoded">The whole TLV as received.</param>
/// <param name="SignedData">The TLV 30 of the signed data, as received.</param>
/// <param name="Signature">euiccSignEPR or euiccSignEPE, raw r‖s.</param>
/// <param name="CounterValue">81: the counter of the package; null when it cannot be read.</param>
public abstract record SignedPackageResult(
    ReadOnlyMemory<byte> Encoded, ReadOnlyMemory<byte> SignedData, ReadOnlyMemory<byte> Signature, long? CounterValue) : EuiccPackageResult(Encoded)
{
    internal static SignedPackageResult Read(ReadOnlyMemory<byte> encoded, BerReader arm, uint tag)
    {
        var signed = arm.ReadEncoded(0x30);
        var signature = arm.ReadValue(Sgp22Tags.Signature, 1, 128);
        arm.SkipUnknown();
        var data = new BerReader(signed).Inside(0x30);
        var eimId = data.ReadUtf8(0x80, 1, 128);
        var unreadable = new UnreadableValues();
        var content = SignedContent.Read(new ContentReader(data, unreadable));
        if (tag == 0xA1 || (tag == 0x30 && content.IsError))
        {
            return new EuiccPackageErrorSigned(encoded, signed, signature, eimId, content.Counter, content.TransactionId, content.Code)
            {
                Unreadable = unreadable.ToList(),
            };
        }

        return new EuiccPackageResultSigned(
            encoded, signed, signature, eimId, content.Counter, content.TransactionId, content.SequenceNumber, content.Results)
        {
            Unreadable = unreadable.ToList(),
        };
    }

    private protected static byte[] Assemble(uint arm, ReadOnlyMemory<byte> signedData, ReadOnlyMemory<byte> signature) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(Sgp32Tags.EuiccPackageResult))
        using (writer.Constructed(arm))
        {
            writer.Raw(signedData.Span);
            writer.Octets(Sgp22Tags.Signature, signature.Span);
        }
    });

    private protected static byte[] EncodeData(
        string eimId, long? counterValue, TransactionId? transactionId, Action<AsnWriter> rest) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0x30))
        {
            writer.Utf8(0x80, eimId);
            writer.OptionalInteger(0x81, counterValue);
            writer.Transaction(0x82, transactionId);
            rest(writer);
        }
    });

    /// <summary>What follows the eIM's id in the signed data of a result or an error.</summary>
    private sealed class SignedContent
    {
        private Place _place;

        public long? Counter { get; private set; }

        public TransactionId? TransactionId { get; private set; }

        public long? SequenceNumber { get; private set; }

        public EuiccPackageErrorCode? Code { get; private set; }

        /// <summary>Whether an error code stands where a result has its sequence number.</summary>
        public bool IsError { get; private set; }

        public List<EuiccResultData> Results { get; } = [];

        public static SignedContent Read(ContentReader fields)
        {
            var content = new SignedContent();
            while (fields.Read())
            {
                content.Take(fields);
            }

            return content;
        }

        private void Take(ContentReader field)
        {
            switch (field.Tag)
            {
                // What newer versions may have added.
                case var _ when _place == Place.BehindResults:
                    break;

                // Some cards leave out the 30 around the results: then these stand behind the sequence number.
                case not 0x30 when _place == Place.BehindSequenceNumber:
                    Results.Add(EuiccResultData.Of(field));
                    break;
                case 0x81:
                    Counter = field.Integer();
                    break;
                case 0x82:
                    TransactionId = field.TransactionId();
                    break;
                case 0x02:
                    (IsError, Code) = (true, (EuiccPackageErrorCode?)field.Int32());
                    break;
                case 0x83:
                    (_place, SequenceNumber) = (Place.BehindSequenceNumber, field.Integer());
                    break;
                case 0x30:
                    _place = Place.BehindResults;
                    EuiccResultData.ReadAll(field.Inside(), Results);
                    break;
            }
        }

        private enum Place
        {
            Header,
            BehindSequenceNumber,
            BehindResults,
        }
    }
}

/// <summary>EuiccPackageResultSigned, arm A0: the commands ran; the results in order, up to the first failure. What is null could not be read.</summary>
public sealed record EuiccPackageResultSigned(
    ReadOnlyMemory<byte> Encoded,
    ReadOnlyMemory<byte> SignedData,
    ReadOnlyMemory<byte> Signature,
    string EimId,
    long? CounterValue,
    TransactionId? TransactionId,
    long? SequenceNumber,
    IReadOnlyList<EuiccResultData> Results) : SignedPackageResult(Encoded, SignedData, Signature, CounterValue)
{
    /// <inheritdoc/>
    public override string EimId { get; } = EimId;

    /// <inheritdoc/>
    public override TransactionId? TransactionId { get; } = TransactionId;

    /// <summary>Encodes EuiccPackageResultDataSigned, ready to be signed.</summary>
    public static byte[] EncodeData(
        string eimId, long? counterValue, TransactionId? transactionId, long? sequenceNumber, IReadOnlyList<EuiccResultData> results) =>
        EncodeData(eimId, counterValue, transactionId, writer =>
        {
            writer.OptionalInteger(0x83, sequenceNumber);
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

/// <summary>EuiccPackageErrorSigned, arm A1: the package was refused whole. What is null could not be read.</summary>
public sealed record EuiccPackageErrorSigned(
    ReadOnlyMemory<byte> Encoded,
    ReadOnlyMemory<byte> SignedData,
    ReadOnlyMemory<byte> Signature,
    string EimId,
    long? CounterValue,
    TransactionId? TransactionId,
    EuiccPackageErrorCode? Code) : SignedPackageResult(Encoded, SignedData, Signature, CounterValue)
{
    /// <inheritdoc/>
    public override string EimId { get; } = EimId;

    /// <inheritdoc/>
    public override TransactionId? TransactionId { get; } = TransactionId;

    /// <summary>Encodes EuiccPackageErrorDataSigned, ready to be signed.</summary>
    public static byte[] EncodeData(string eimId, long? counterValue, TransactionId? transactionId, EuiccPackageErrorCode code) =>
        EncodeData(eimId, counterValue, transactionId, writer => writer.Integer(0x02, (int)code));

    /// <summary>Encodes the whole BF51 from signed data and signature.</summary>
    public static byte[] Encode(ReadOnlyMemory<byte> signedData, ReadOnlyMemory<byte> signature) => Assemble(0xA1, signedData, signature);
}

/// <summary>EuiccPackageErrorUnsigned, arm A2: the eUICC could not tell who sent the package. It proves nothing.</summary>
/// <param name="Encoded">The whole TLV as received.</param>
/// <param name="EimId">80; empty where it was left out, as in a bare <c>BF51{02}</c>.</param>
/// <param name="TransactionId">82.</param>
/// <param name="AssociationToken">84.</param>
/// <param name="Code">8F, added by v1.3: 15 sizeOverflow, 127 undefinedError. 02 is read too: some IPAs send a bare code.</param>
public sealed record EuiccPackageErrorUnsigned(
    ReadOnlyMemory<byte> Encoded, string EimId, TransactionId? TransactionId, long? AssociationToken, int? Code) : EuiccPackageResult(Encoded)
{
    /// <inheritdoc/>
    public override string EimId { get; } = EimId;

    /// <inheritdoc/>
    public override TransactionId? TransactionId { get; } = TransactionId;

    /// <summary>Encodes the whole BF51.</summary>
    public static byte[] Encode(string eimId, TransactionId? transactionId, long? associationToken, int? code = null) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(Sgp32Tags.EuiccPackageResult))
        using (writer.Constructed(0xA2))
        {
            writer.Utf8(0x80, eimId);
            writer.Transaction(0x82, transactionId);
            writer.OptionalInteger(0x84, associationToken);
            writer.OptionalInteger(0x8F, code);
        }
    });

    internal static EuiccPackageErrorUnsigned Read(ReadOnlyMemory<byte> encoded, BerReader arm)
    {
        var unreadable = new UnreadableValues();
        var fields = new ContentReader(arm, unreadable);
        var (eimId, id, token, code) = ("", (TransactionId?)null, (long?)null, (int?)null);
        while (fields.Read())
        {
            switch (fields.Tag)
            {
                case 0x80: eimId = fields.Text(); break;
                case 0x82: id = fields.TransactionId(); break;
                case 0x84: token = fields.Integer(); break;
                case 0x8F or 0x02: code = fields.Int32(); break;
            }
        }

        return new EuiccPackageErrorUnsigned(encoded, eimId, id, token, code) { Unreadable = unreadable.ToList() };
    }
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 CancelSessionReason.</summary>
public enum CancelSessionReason
{
    /// <summary>The end user refused.</summary>
    EndUserRejection = 0,

    /// <summary>The end user will decide later.</summary>
    Postponed = 1,

    /// <summary>The end user did not answer.</summary>
    Timeout = 2,

    /// <summary>The eUICC does not allow the profile policy rules.</summary>
    PprNotAllowed = 3,

    /// <summary>The metadata in the package differs from what was announced.</summary>
    MetadataMismatch = 4,

    /// <summary>The package could not be loaded.</summary>
    LoadBppExecutionError = 5,

    /// <summary>Anything else.</summary>
    UndefinedReason = 127,
}

/// <summary>ES10b CancelSessionRequest, tag BF41 (SGP.22 5.7.14).</summary>
/// <param name="TransactionId">80.</param>
/// <param name="Reason">81.</param>
public sealed record CancelSessionRequest(TransactionId TransactionId, CancelSessionReason Reason) : IBerMessage<CancelSessionRequest>
{
    /// <inheritdoc/>
    public static CancelSessionRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.CancelSession);
        var request = new CancelSessionRequest(inner.ReadTransactionId(0x80), (CancelSessionReason)inner.ReadInt32(0x81));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.CancelSession))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Integer(0x81, (int)Reason);
        }
    }
}

/// <summary>EuiccCancelSessionSigned, a plain SEQUENCE (30; SGP.22 5.7.14). What is null or empty was left out or cannot be read.</summary>
/// <param name="TransactionId">80.</param>
/// <param name="SmdpOid">81: the OID of CERT.DPauth, the value bytes of the OBJECT IDENTIFIER.</param>
/// <param name="Reason">82.</param>
public sealed record EuiccCancelSessionSigned(TransactionId? TransactionId, ReadOnlyMemory<byte> SmdpOid, CancelSessionReason? Reason)
    : IBerMessage<EuiccCancelSessionSigned>
{
    /// <summary>What could not be read; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; init; } = [];

    /// <inheritdoc/>
    public static EuiccCancelSessionSigned Decode(ref BerReader reader)
    {
        var unreadable = new UnreadableValues();
        var fields = new ContentReader(reader.ReadConstructed(0x30), unreadable);
        var signed = new EuiccCancelSessionSigned(null, default, null);
        while (fields.Read())
        {
            signed = fields.Tag switch
            {
                0x80 => signed with { TransactionId = fields.TransactionId() },
                0x81 => signed with { SmdpOid = fields.Bytes(1, 64) ?? default },
                0x82 => signed with { Reason = (CancelSessionReason?)fields.Int32() },
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
            writer.Octets(0x81, SmdpOid.Span);
            writer.OptionalInteger(0x82, (int?)Reason);
        }
    }
}

/// <summary>SGP.22 CancelSessionResponseOk.</summary>
/// <param name="SignedData">The TLV of EuiccCancelSessionSigned, as signed by the eUICC.</param>
/// <param name="Signature">Raw r‖s.</param>
public sealed record CancelSessionResponseOk(ReadOnlyMemory<byte> SignedData, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Reads what is signed, as far as it can be read.</summary>
    public EuiccCancelSessionSigned ReadSigned() => BerMessage.Decode<EuiccCancelSessionSigned>(SignedData);
}

/// <summary>SGP.22 cancelSessionResponseError.</summary>
public enum CancelSessionResponseError
{
    /// <summary>It is another session's id.</summary>
    InvalidTransactionId = 5,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>ES10b CancelSessionResponse, tag BF41 (SGP.22 5.7.14): <c>A0{30, 5F37}</c> the signed answer, or <c>81</c> an error.</summary>
/// <param name="Ok">Null on an error.</param>
/// <param name="Error">Null on success.</param>
public sealed record CancelSessionResponse(CancelSessionResponseOk? Ok, CancelSessionResponseError? Error = null)
    : IBerMessage<CancelSessionResponse>
{
    /// <inheritdoc/>
    public static CancelSessionResponse Decode(ref BerReader reader) => Read(reader.ReadConstructed(Sgp22Tags.CancelSession));

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => Write(writer, Sgp22Tags.CancelSession);

    /// <summary>Reads the CHOICE inside its tag: BF41 from the eUICC, A1 within the ASN.1 bindings of ES9+ and ESipa.</summary>
    internal static CancelSessionResponse Read(BerReader inner)
    {
        if (inner.NextIs(0x81))
        {
            var field = new ContentReader(inner, new UnreadableValues());
            field.Read();
            return new CancelSessionResponse(null, (CancelSessionResponseError?)field.Int32() ?? CancelSessionResponseError.UndefinedError);
        }

        var ok = inner.ReadConstructed(0xA0);
        inner.ThrowIfNotEmpty();
        var response = new CancelSessionResponse(new CancelSessionResponseOk(ok.ReadEncoded(0x30), ok.ReadValue(Sgp22Tags.Signature, 1, 128)));
        ok.SkipUnknown();
        return response;
    }

    internal void Write(AsnWriter writer, uint tag)
    {
        using (writer.Constructed(tag))
        {
            if (Error is { } error)
            {
                writer.Integer(0x81, (int)error);
                return;
            }

            var ok = Ok ?? throw new InvalidOperationException("neither arm of the CHOICE is set");
            using (writer.Constructed(0xA0))
            {
                writer.Raw(ok.SignedData.Span);
                writer.Octets(Sgp22Tags.Signature, ok.Signature.Span);
            }
        }
    }
}

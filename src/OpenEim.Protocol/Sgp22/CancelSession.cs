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

/// <summary>ES10b CancelSessionRequest, tag BF41.</summary>
/// <param name="TransactionId">80.</param>
/// <param name="Reason">81.</param>
public sealed record CancelSessionRequest(TransactionId TransactionId, CancelSessionReason Reason) : IBerMessage<CancelSessionRequest>
{
    /// <inheritdoc/>
    public static CancelSessionRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xBF41);
        var request = new CancelSessionRequest(inner.ReadTransactionId(0x80), (CancelSessionReason)inner.ReadInt32(0x81));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF41))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Integer(0x81, (int)Reason);
        }
    }
}

/// <summary>SGP.22 EuiccCancelSessionSigned, a plain SEQUENCE.</summary>
/// <param name="TransactionId">80.</param>
/// <param name="SmdpOid">81: the OID of CERT.DPauth, the value bytes of the OBJECT IDENTIFIER.</param>
/// <param name="Reason">82.</param>
public sealed record EuiccCancelSessionSigned(TransactionId TransactionId, ReadOnlyMemory<byte> SmdpOid, CancelSessionReason Reason)
    : IBerMessage<EuiccCancelSessionSigned>
{
    /// <inheritdoc/>
    public static EuiccCancelSessionSigned Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0x30);
        var signed = new EuiccCancelSessionSigned(
            inner.ReadTransactionId(0x80), inner.ReadValue(0x81, 1, 64), (CancelSessionReason)inner.ReadInt32(0x82));
        inner.SkipUnknown();
        return signed;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0x30))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Octets(0x81, SmdpOid.Span);
            writer.Integer(0x82, (int)Reason);
        }
    }
}

/// <summary>SGP.22 CancelSessionResponseOk.</summary>
/// <param name="SignedData">The TLV of EuiccCancelSessionSigned, as signed by the eUICC.</param>
/// <param name="Signature">Raw r‖s.</param>
public sealed record CancelSessionResponseOk(ReadOnlyMemory<byte> SignedData, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Reads what is signed.</summary>
    /// <exception cref="ProtocolException">It is not an EuiccCancelSessionSigned.</exception>
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

/// <summary>ES10b CancelSessionResponse, tag BF41: <c>A0{30, 5F37}</c> the signed answer, or <c>81</c> an error.</summary>
/// <param name="Ok">Null on an error.</param>
/// <param name="Error">Null on success.</param>
public sealed record CancelSessionResponse(CancelSessionResponseOk? Ok, CancelSessionResponseError? Error = null)
    : IBerMessage<CancelSessionResponse>
{
    /// <inheritdoc/>
    public static CancelSessionResponse Decode(ref BerReader reader) => Read(reader.ReadConstructed(0xBF41));

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => Write(writer, 0xBF41);

    /// <summary>Reads the CHOICE inside its tag: BF41 from the eUICC, A1 within the ASN.1 bindings of ES9+ and ESipa.</summary>
    internal static CancelSessionResponse Read(BerReader inner)
    {
        CancelSessionResponse response;
        if (inner.NextIs(0x81))
        {
            response = new CancelSessionResponse(null, (CancelSessionResponseError)inner.ReadInt32(0x81));
        }
        else
        {
            var ok = inner.ReadConstructed(0xA0);
            response = new CancelSessionResponse(new CancelSessionResponseOk(ok.ReadEncoded(0x30), ok.ReadValue(0x5F37, 1, 128)));
            ok.SkipUnknown();
        }

        inner.ThrowIfNotEmpty();
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
                writer.Octets(0x5F37, ok.Signature.Span);
            }
        }
    }
}

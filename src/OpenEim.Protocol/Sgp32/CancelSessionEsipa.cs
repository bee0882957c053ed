using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ESipa CancelSessionRequestEsipa, tag BF41 (SGP.32 6.3.2.5).</summary>
/// <param name="TransactionId">80: the SM-DP+'s transaction.</param>
/// <param name="CancelSessionResponse">A1: the CHOICE of the card's answer.</param>
public sealed record CancelSessionRequestEsipa(TransactionId TransactionId, CancelSessionResponse CancelSessionResponse)
    : IBerMessage<CancelSessionRequestEsipa>
{
    /// <inheritdoc/>
    public static CancelSessionRequestEsipa Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.CancelSession);
        var request = new CancelSessionRequestEsipa(
            inner.ReadTransactionId(0x80), Sgp22.CancelSessionResponse.Read(inner.ReadConstructed(0xA1)));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.CancelSession))
        {
            writer.Transaction(0x80, TransactionId);
            CancelSessionResponse.Write(writer, 0xA1);
        }
    }
}

/// <summary>ESipa CancelSessionResponseEsipa, tag BF41 (SGP.32 6.3.2.5): <c>A0</c> done, or <c>81</c> an error.</summary>
/// <param name="Error">Null on success.</param>
public sealed record CancelSessionResponseEsipa(CancelSessionErrorEsipa? Error = null) : IBerMessage<CancelSessionResponseEsipa>
{
    /// <inheritdoc/>
    public static CancelSessionResponseEsipa Decode(ref BerReader reader) => AnswerOrError.Read(
        ref reader,
        Sgp22Tags.CancelSession,
        (ref BerReader _) => new CancelSessionResponseEsipa(),
        code => new CancelSessionResponseEsipa((CancelSessionErrorEsipa)code));

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => AnswerOrError.Write(writer, Sgp22Tags.CancelSession, (int?)Error, _ => { });
}

/// <summary>Error of ESipa CancelSession.</summary>
public enum CancelSessionErrorEsipa
{
    /// <summary>No such session.</summary>
    InvalidTransactionId = 1,

    /// <summary>The eUICC's signature does not verify.</summary>
    EuiccSignatureInvalid = 2,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

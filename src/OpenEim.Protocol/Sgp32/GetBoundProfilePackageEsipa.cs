using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ESipa GetBoundProfilePackageRequestEsipa, tag BF3A (SGP.32 6.3.2.3).</summary>
/// <param name="TransactionId">80: the SM-DP+'s transaction.</param>
/// <param name="PrepareDownloadResponse">BF21, the whole TLV.</param>
public sealed record GetBoundProfilePackageRequestEsipa(TransactionId TransactionId, ReadOnlyMemory<byte> PrepareDownloadResponse)
    : IBerMessage<GetBoundProfilePackageRequestEsipa>
{
    /// <inheritdoc/>
    public static GetBoundProfilePackageRequestEsipa Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.GetBoundProfilePackage);
        var request = new GetBoundProfilePackageRequestEsipa(inner.ReadTransactionId(0x80), inner.ReadEncoded(Sgp22Tags.PrepareDownload));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.GetBoundProfilePackage))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Raw(PrepareDownloadResponse.Span);
        }
    }
}

/// <summary>ESipa GetBoundProfilePackageResponseEsipa, tag BF3A (SGP.32 6.3.2.3).</summary>
public abstract record GetBoundProfilePackageResponseEsipa : IBerMessage<GetBoundProfilePackageResponseEsipa>
{
    private GetBoundProfilePackageResponseEsipa()
    {
    }

    /// <summary>A0: the profile, bound to the card.</summary>
    /// <param name="TransactionId">80: the SM-DP+'s transaction; the eIM may leave it out.</param>
    /// <param name="BoundProfilePackage">BF36, the whole TLV.</param>
    public sealed record Ok(TransactionId? TransactionId, ReadOnlyMemory<byte> BoundProfilePackage) : GetBoundProfilePackageResponseEsipa;

    /// <summary>81: the function failed.</summary>
    /// <param name="Code">Why.</param>
    public sealed record Failed(GetBoundProfilePackageErrorEsipa Code) : GetBoundProfilePackageResponseEsipa;

    /// <inheritdoc/>
    public static GetBoundProfilePackageResponseEsipa Decode(ref BerReader reader) => AnswerOrError.Read<GetBoundProfilePackageResponseEsipa>(
        ref reader,
        Sgp22Tags.GetBoundProfilePackage,
        (ref BerReader fields) => new Ok(fields.TryReadTransactionId(0x80), fields.ReadEncoded(Sgp22Tags.BoundProfilePackage)),
        code => new Failed((GetBoundProfilePackageErrorEsipa)code));

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) =>
        AnswerOrError.Write(
            writer, Sgp22Tags.GetBoundProfilePackage, this is Failed failed ? (int)failed.Code : null, this is Ok ok ? answer => Write(answer, ok) : null);

    private static void Write(AsnWriter writer, Ok ok)
    {
        writer.Transaction(0x80, ok.TransactionId);
        writer.Raw(ok.BoundProfilePackage.Span);
    }
}

/// <summary>Error of ESipa GetBoundProfilePackage.</summary>
public enum GetBoundProfilePackageErrorEsipa
{
    /// <summary>The eUICC's signature does not verify.</summary>
    EuiccSignatureInvalid = 1,

    /// <summary>A confirmation code is needed.</summary>
    ConfirmationCodeMissing = 2,

    /// <summary>The confirmation code is wrong.</summary>
    ConfirmationCodeRefused = 3,

    /// <summary>Too many wrong confirmation codes.</summary>
    ConfirmationCodeRetriesExceeded = 4,

    /// <summary>The package is bound to another key.</summary>
    BppRebindingRefused = 5,

    /// <summary>The order has expired; deprecated since v1.3, where AuthenticateClient tells it.</summary>
    DownloadOrderExpired = 6,

    /// <summary>The metadata differs from what was announced.</summary>
    MetadataMismatch = 50,

    /// <summary>No such session.</summary>
    InvalidTransactionId = 95,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

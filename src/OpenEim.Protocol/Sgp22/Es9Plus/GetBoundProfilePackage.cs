using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>ES9+ GetBoundProfilePackageRequest, tag BF3A (SGP.22 5.6.2).</summary>
/// <param name="TransactionId">80.</param>
/// <param name="PrepareDownloadResponse">BF21, the whole TLV.</param>
public sealed record GetBoundProfilePackageRequest(TransactionId TransactionId, ReadOnlyMemory<byte> PrepareDownloadResponse)
    : IBerMessage<GetBoundProfilePackageRequest>
{
    /// <summary>Reads the eUICC's answer.</summary>
    /// <exception cref="ProtocolException">It is not a PrepareDownloadResponse.</exception>
    public PrepareDownloadResponse ReadPrepareDownloadResponse() => BerMessage.Decode<PrepareDownloadResponse>(PrepareDownloadResponse);

    /// <inheritdoc/>
    public static GetBoundProfilePackageRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.GetBoundProfilePackage);
        var request = new GetBoundProfilePackageRequest(inner.ReadTransactionId(0x80), inner.ReadEncoded(Sgp22Tags.PrepareDownload));
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

/// <summary>SGP.22 GetBoundProfilePackageOk.</summary>
/// <param name="TransactionId">80.</param>
/// <param name="BoundProfilePackage">BF36, the whole TLV.</param>
public sealed record GetBoundProfilePackageOk(TransactionId TransactionId, ReadOnlyMemory<byte> BoundProfilePackage)
{
    internal static GetBoundProfilePackageOk Read(BerReader inner)
    {
        var ok = new GetBoundProfilePackageOk(inner.ReadTransactionId(0x80), inner.ReadEncoded(Sgp22Tags.BoundProfilePackage));
        inner.SkipUnknown();
        return ok;
    }

    internal void Write(AsnWriter writer)
    {
        writer.Transaction(0x80, TransactionId);
        writer.Raw(BoundProfilePackage.Span);
    }
}

/// <summary>Error of ES9+ GetBoundProfilePackage in the ASN.1 binding.</summary>
public enum GetBoundProfilePackageError
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

    /// <summary>The order has expired.</summary>
    DownloadOrderExpired = 6,

    /// <summary>No such session.</summary>
    InvalidTransactionId = 95,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>ES9+ GetBoundProfilePackageResponse, tag BF3A (SGP.22 5.6.2): <c>A0</c> the answer, or <c>81</c> an error.</summary>
/// <param name="Ok">Null on an error.</param>
/// <param name="Error">Null on success.</param>
public sealed record GetBoundProfilePackageResponse(GetBoundProfilePackageOk? Ok, GetBoundProfilePackageError? Error = null) : IBerMessage<GetBoundProfilePackageResponse>
{
    /// <inheritdoc/>
    public static GetBoundProfilePackageResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.GetBoundProfilePackage);
        var response = inner.NextIs(0x81)
            ? new GetBoundProfilePackageResponse(null, (GetBoundProfilePackageError)inner.ReadInt32(0x81))
            : new GetBoundProfilePackageResponse(GetBoundProfilePackageOk.Read(inner.ReadConstructed(0xA0)));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => AnswerOrError.Write(writer, Sgp22Tags.GetBoundProfilePackage, (int?)Error, Ok is { } ok ? ok.Write : null);
}

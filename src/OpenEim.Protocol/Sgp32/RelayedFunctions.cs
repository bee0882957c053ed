using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp32;

/// <summary>The answer of a relayed ESipa function: the success arm, its parts signed by the SM-DP+ and therefore carried untouched, or an error code.</summary>
/// <param name="Function">The outer tag: BF39, BF3B, BF3A or BF41.</param>
/// <param name="Success">The arm A0 (BF3B from an SM-DS: A1), the whole TLV; null on an error.</param>
/// <param name="ErrorCode">The number of the function's error enum; its tag is 82 in BF3B and 81 elsewhere.</param>
public sealed record RelayedResponse(uint Function, ReadOnlyMemory<byte>? Success, int? ErrorCode = null) : IBerMessage<RelayedResponse>
{
    /// <inheritdoc/>
    public static RelayedResponse Decode(ref BerReader reader)
    {
        var function = reader.PeekTag();
        if (function is not (0xBF39 or 0xBF3A or 0xBF3B or 0xBF41))
        {
            throw BerReader.Unexpected(function);
        }

        var inner = reader.ReadConstructed(function);
        var tag = inner.PeekTag();
        var response = tag switch
        {
            0xA0 => new RelayedResponse(function, inner.ReadEncoded(tag)),
            0xA1 when function == 0xBF3B => new RelayedResponse(function, inner.ReadEncoded(tag)),
            _ when tag == ErrorTag(function) => new RelayedResponse(function, null, inner.ReadInt32(tag)),
            _ => throw BerReader.Unexpected(tag),
        };
        inner.ThrowIfNotEmpty();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Function))
        {
            if (Success is { } arm)
            {
                writer.Raw(arm.Span);
            }
            else
            {
                writer.Integer(ErrorTag(Function), ErrorCode ?? 127);
            }
        }
    }

    private static uint ErrorTag(uint function) => function == 0xBF3B ? 0x82u : 0x81u;
}

/// <summary>ESipa AuthenticateClientRequest, tag BF3B.</summary>
/// <param name="TransactionId">80: the SM-DP+'s transaction.</param>
/// <param name="AuthenticateServerResponse">BF38, the whole TLV.</param>
public sealed record AuthenticateClientRequestEsipa(TransactionId TransactionId, ReadOnlyMemory<byte> AuthenticateServerResponse)
    : IBerMessage<AuthenticateClientRequestEsipa>
{
    /// <inheritdoc/>
    public static AuthenticateClientRequestEsipa Decode(ref BerReader reader)
    {
        var (id, response) = RelayedRequest.Read(ref reader, 0xBF3B, 0xBF38);
        return new AuthenticateClientRequestEsipa(id, response);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => RelayedRequest.Write(writer, 0xBF3B, TransactionId, AuthenticateServerResponse);
}

/// <summary>ESipa GetBoundProfilePackageRequest, tag BF3A.</summary>
/// <param name="TransactionId">80: the SM-DP+'s transaction.</param>
/// <param name="PrepareDownloadResponse">BF21, the whole TLV.</param>
public sealed record GetBoundProfilePackageRequestEsipa(TransactionId TransactionId, ReadOnlyMemory<byte> PrepareDownloadResponse)
    : IBerMessage<GetBoundProfilePackageRequestEsipa>
{
    /// <inheritdoc/>
    public static GetBoundProfilePackageRequestEsipa Decode(ref BerReader reader)
    {
        var (id, response) = RelayedRequest.Read(ref reader, 0xBF3A, 0xBF21);
        return new GetBoundProfilePackageRequestEsipa(id, response);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => RelayedRequest.Write(writer, 0xBF3A, TransactionId, PrepareDownloadResponse);
}

/// <summary>ESipa CancelSessionRequest, tag BF41.</summary>
/// <param name="TransactionId">80: the SM-DP+'s transaction.</param>
/// <param name="CancelSessionResponse">A1: the CHOICE of the ES10b answer, the whole TLV with its explicit tag.</param>
public sealed record CancelSessionRequestEsipa(TransactionId TransactionId, ReadOnlyMemory<byte> CancelSessionResponse)
    : IBerMessage<CancelSessionRequestEsipa>
{
    /// <inheritdoc/>
    public static CancelSessionRequestEsipa Decode(ref BerReader reader)
    {
        var (id, response) = RelayedRequest.Read(ref reader, 0xBF41, 0xA1);
        return new CancelSessionRequestEsipa(id, response);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => RelayedRequest.Write(writer, 0xBF41, TransactionId, CancelSessionResponse);
}

/// <summary>The common shape of the relayed requests: a transaction id, and the card's answer as it is.</summary>
internal static class RelayedRequest
{
    public static (TransactionId Id, ReadOnlyMemory<byte> Response) Read(ref BerReader reader, uint tag, uint responseTag)
    {
        var inner = reader.ReadConstructed(tag);
        var id = inner.ReadTransactionId(0x80);
        var response = inner.ReadEncoded(responseTag);
        inner.SkipUnknown();
        return (id, response);
    }

    public static void Write(AsnWriter writer, uint tag, TransactionId id, ReadOnlyMemory<byte> response)
    {
        using (writer.Constructed(tag))
        {
            writer.Transaction(0x80, id);
            writer.Raw(response.Span);
        }
    }
}

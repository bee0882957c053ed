using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ESipa TransferEimPackageRequest, tag BF4E, eIM to IPA: one of BF51, BF52, BF53, BF54.</summary>
/// <param name="Package">The TLV inside.</param>
public sealed record TransferEimPackageRequest(ReadOnlyMemory<byte> Package) : IBerMessage<TransferEimPackageRequest>
{
    /// <inheritdoc/>
    public static TransferEimPackageRequest Decode(ref BerReader reader)
    {
        var inner = reader.Inside(0xBF4E);
        var package = inner.ReadEncoded(out var tag);
        inner.ThrowIfNotEmpty();
        return tag is 0xBF51 or 0xBF52 or 0xBF53 or 0xBF54 ? new TransferEimPackageRequest(package) : throw BerReader.Unexpected(tag);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF4E))
        {
            writer.Raw(Package.Span);
        }
    }
}

/// <summary>ESipa TransferEimPackageResponse, tag BF4E, IPA to eIM: a result, NULL for "received", or an error.</summary>
/// <param name="Result">BF51, 30{BF51, A0} or BF52.</param>
/// <param name="Error">02; with no result and no error the package was received.</param>
public sealed record TransferEimPackageResponse(EimPackageResult? Result, EimPackageResultErrorCode? Error = null) : IBerMessage<TransferEimPackageResponse>
{
    /// <inheritdoc/>
    public static TransferEimPackageResponse Decode(ref BerReader reader)
    {
        var inner = reader.Inside(0xBF4E);
        var response = inner.PeekTag() switch
        {
            0x05 when inner.TryReadNull() => new TransferEimPackageResponse(Result: null),
            0x02 => new TransferEimPackageResponse(null, (EimPackageResultErrorCode)inner.ReadInt32()),
            0xBF51 or 0x30 or 0xBF52 => new TransferEimPackageResponse(EimPackageResult.Decode(ref inner)),
            var tag => throw BerReader.Unexpected(tag),
        };
        inner.ThrowIfNotEmpty();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF4E))
        {
            if (Result is not null)
            {
                Result.Encode(writer);
            }
            else if (Error is { } error)
            {
                writer.Integer(0x02, (int)error);
            }
            else
            {
                writer.OptionalNull(0x05, true);
            }
        }
    }
}

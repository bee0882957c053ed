using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ESipa TransferEimPackageRequest, tag BF4E, eIM to IPA (SGP.32 3.1.1.2): one of BF51, BF52, BF53, BF54.</summary>
/// <param name="Package">The TLV inside.</param>
public sealed record TransferEimPackageRequest(ReadOnlyMemory<byte> Package) : IBerMessage<TransferEimPackageRequest>
{
    /// <inheritdoc/>
    public static TransferEimPackageRequest Decode(ref BerReader reader)
    {
        var inner = reader.Inside(Sgp32Tags.TransferEimPackage);
        var package = inner.ReadEncoded(out var tag);
        inner.ThrowIfNotEmpty();
        return tag is Sgp32Tags.EuiccPackageRequest or Sgp32Tags.IpaEuiccData or Sgp32Tags.EimAcknowledgements
            or Sgp32Tags.ProfileDownloadTriggerRequest
            ? new TransferEimPackageRequest(package)
            : throw BerReader.Unexpected(tag);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.TransferEimPackage))
        {
            writer.Raw(Package.Span);
        }
    }
}

/// <summary>ESipa TransferEimPackageResponse, tag BF4E, IPA to eIM (SGP.32 3.1.1.2): a result, "received", or an error.</summary>
/// <param name="Result">BF51, 30{BF51, A0} or BF52.</param>
/// <param name="Error">02, or BF61 with a correlation; with no result and no error the package was received: 05, or BF60 with a correlation.</param>
/// <param name="Correlation">v1.3: which package it was, beside "received" or an error; null in the forms of v1.2.</param>
public sealed record TransferEimPackageResponse(
    EimPackageResult? Result, EimPackageResultErrorCode? Error = null, PackageCorrelation? Correlation = null) : IBerMessage<TransferEimPackageResponse>
{
    /// <inheritdoc/>
    public static TransferEimPackageResponse Decode(ref BerReader reader)
    {
        var inner = reader.Inside(Sgp32Tags.TransferEimPackage);
        var response = inner.PeekTag() switch
        {
            0x05 when inner.TryReadNull() => new TransferEimPackageResponse(Result: null),
            0x02 => new TransferEimPackageResponse(null, (EimPackageResultErrorCode)inner.ReadInt32()),
            Sgp32Tags.EuiccPackageResult or 0x30 or Sgp32Tags.IpaEuiccData => new TransferEimPackageResponse(EimPackageResult.Decode(ref inner)),
            Sgp32Tags.EimPackageReceivedWithCid => ReadReceived(inner.ReadConstructed(Sgp32Tags.EimPackageReceivedWithCid)),
            Sgp32Tags.EimPackageErrorWithCid => ReadError(inner.ReadConstructed(Sgp32Tags.EimPackageErrorWithCid)),
            var tag => throw BerReader.Unexpected(tag),
        };
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.TransferEimPackage))
        {
            if (Result is not null)
            {
                Result.Encode(writer);
            }
            else if (Correlation is not null)
            {
                EncodeWithCid(writer, Correlation);
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

    private void EncodeWithCid(AsnWriter writer, PackageCorrelation correlation)
    {
        using (writer.Constructed(Error is null ? Sgp32Tags.EimPackageReceivedWithCid : Sgp32Tags.EimPackageErrorWithCid))
        {
            correlation.Write(writer);
            writer.OptionalInteger(0x81, (int?)Error);
        }
    }

    private static TransferEimPackageResponse ReadReceived(BerReader inner)
    {
        var correlation = PackageCorrelation.Read(ref inner);
        inner.SkipUnknown();
        return new TransferEimPackageResponse(null, null, correlation);
    }

    private static TransferEimPackageResponse ReadError(BerReader inner)
    {
        var correlation = PackageCorrelation.Read(ref inner);
        var code = (EimPackageResultErrorCode)inner.ReadInt32(inner.NextIs(0x02) ? 0x02u : 0x81u);
        inner.SkipUnknown();
        return new TransferEimPackageResponse(null, code, correlation);
    }
}

/// <summary>v1.3 correlationId: the transaction of the package that is answered, where it had one, else the EID; the standard allows neither.</summary>
/// <remarks>The SEQUENCE around it is tagged automatically, so the CHOICE stands inside an explicit A0. Its arms are read without that too.</remarks>
/// <param name="TransactionId">80.</param>
/// <param name="Eid">5A.</param>
public sealed record PackageCorrelation(TransactionId? TransactionId = null, Eid? Eid = null)
{
    internal static PackageCorrelation Read(ref BerReader inner)
    {
        if (!inner.TryReadConstructed(0xA0, out var choice))
        {
            return ReadChoice(ref inner);
        }

        var correlation = ReadChoice(ref choice);
        choice.SkipUnknown();
        return correlation;
    }

    internal void Write(AsnWriter writer)
    {
        if (TransactionId is null && Eid is null)
        {
            return;
        }

        using (writer.Constructed(0xA0))
        {
            if (TransactionId is not null)
            {
                writer.Transaction(0x80, TransactionId);
            }
            else
            {
                writer.EidValue(Eid!.Value);
            }
        }
    }

    private static PackageCorrelation ReadChoice(ref BerReader reader) => reader.PeekTag() switch
    {
        0x80 => new PackageCorrelation(reader.ReadTransactionId(0x80)),
        Sgp22Tags.EidValue => new PackageCorrelation(null, reader.ReadEid()),
        _ => new PackageCorrelation(),
    };
}

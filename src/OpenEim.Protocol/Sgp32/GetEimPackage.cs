using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ESipa GetEimPackageRequest, tag BF4F (SGP.32 6.3.2.6): an IPA's poll.</summary>
/// <param name="Eid">5A.</param>
/// <param name="NotifyStateChange">80: the eIM should refresh what it knows of the eUICC.</param>
/// <param name="Cause">81: why.</param>
/// <param name="Rplmn">82 (v1.0: 81 of three bytes): MCC and MNC of the last registered network.</param>
public sealed record GetEimPackageRequest(
    Eid Eid, bool NotifyStateChange = false, StateChangeCause? Cause = null, ReadOnlyMemory<byte>? Rplmn = null) : IBerMessage<GetEimPackageRequest>
{
    /// <inheritdoc/>
    public static GetEimPackageRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.GetEimPackage);
        var request = new GetEimPackageRequest(inner.ReadEid(), inner.TryReadNull(0x80));
        if (inner.TryReadValue(0x81, out var causeOrPlmn))
        {
            // v1.0 has the three bytes of rPLMN here; a cause is one byte.
            request = causeOrPlmn.Length == 3
                ? request with { Rplmn = causeOrPlmn }
                : request with { Cause = ReadCause(causeOrPlmn) };
        }

        if (inner.NextIs(0x82))
        {
            request = request with { Rplmn = inner.ReadValue(0x82, 3, 3) };
        }

        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.GetEimPackage))
        {
            writer.EidValue(Eid);
            writer.OptionalNull(0x80, NotifyStateChange);
            writer.OptionalInteger(0x81, (int?)Cause);
            writer.OptionalOctets(0x82, Rplmn);
        }
    }

    private static StateChangeCause ReadCause(ReadOnlyMemory<byte> value) =>
        value.Length == 1 ? (StateChangeCause)(sbyte)value.Span[0] : throw new ProtocolException("a state change cause has one byte");
}

/// <summary>ESipa GetEimPackageResponse, tag BF4F (SGP.32 6.3.2.6): one package, or an error; noEimPackageAvailable is the idle answer.</summary>
/// <param name="Package">The package's TLV as stored: BF51, BF52 or BF54.</param>
/// <param name="Error">02.</param>
public sealed record GetEimPackageResponse(ReadOnlyMemory<byte>? Package, GetEimPackageError? Error = null) : IBerMessage<GetEimPackageResponse>
{
    /// <summary>The tag of the package, 0 where there is none.</summary>
    public uint PackageTag => Package is { } package ? new BerReader(package).PeekTag() : 0;

    /// <inheritdoc/>
    public static GetEimPackageResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.GetEimPackage);
        var tag = inner.PeekTag();
        var response = tag switch
        {
            Sgp32Tags.EuiccPackageRequest or Sgp32Tags.IpaEuiccData or Sgp32Tags.ProfileDownloadTriggerRequest => new GetEimPackageResponse(inner.ReadEncoded(tag)),
            0x02 => new GetEimPackageResponse(null, (GetEimPackageError)inner.ReadInt32()),
            _ => throw BerReader.Unexpected(tag),
        };
        inner.ThrowIfNotEmpty();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.GetEimPackage))
        {
            if (Package is { } package)
            {
                writer.Raw(package.Span);
            }
            else
            {
                writer.Integer(0x02, (int)(Error ?? GetEimPackageError.UndefinedError));
            }
        }
    }
}

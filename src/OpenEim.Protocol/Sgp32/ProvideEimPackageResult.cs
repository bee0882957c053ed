using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ESipa ProvideEimPackageResult, tag BF50 (SGP.32 6.3.2.7). v1.0 IPAs leave the EID out.</summary>
public sealed record ProvideEimPackageResult(Eid? Eid, EimPackageResult Result) : IBerMessage<ProvideEimPackageResult>
{
    /// <inheritdoc/>
    public static ProvideEimPackageResult Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.ProvideEimPackageResult);
        var message = new ProvideEimPackageResult(inner.NextIs(Sgp22Tags.EidValue) ? inner.ReadEid() : null, EimPackageResult.Decode(ref inner));
        inner.SkipUnknown();
        return message;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.ProvideEimPackageResult))
        {
            if (Eid is { } eid)
            {
                writer.EidValue(eid);
            }

            Result.Encode(writer);
        }
    }
}

/// <summary>ESipa ProvideEimPackageResultResponse, tag BF50 (SGP.32 6.3.2.7): acknowledgements, an empty answer (30 00) or an error.</summary>
/// <param name="Acknowledgements">BF53; null for an empty answer or an error.</param>
/// <param name="Error">02.</param>
public sealed record ProvideEimPackageResultResponse(EimAcknowledgements? Acknowledgements, ProvideEimPackageResultError? Error = null)
    : IBerMessage<ProvideEimPackageResultResponse>
{
    /// <inheritdoc/>
    /// <remarks>BF50 00, which v1.0 eIMs send, is taken as an empty answer.</remarks>
    public static ProvideEimPackageResultResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.ProvideEimPackageResult);
        switch (inner.PeekTag())
        {
            case 0: return new ProvideEimPackageResultResponse(Acknowledgements: null);
            case Sgp32Tags.EimAcknowledgements: return new ProvideEimPackageResultResponse(EimAcknowledgements.Decode(ref inner));
            case 0x30:
                inner.ReadValue(0x30);
                return new ProvideEimPackageResultResponse(Acknowledgements: null);
            case 0x02: return new ProvideEimPackageResultResponse(null, (ProvideEimPackageResultError)inner.ReadInt32());
            case var tag: throw BerReader.Unexpected(tag);
        }
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.ProvideEimPackageResult))
        {
            if (Acknowledgements is { } acknowledgements)
            {
                acknowledgements.Encode(writer);
            }
            else if (Error is { } error)
            {
                writer.Integer(0x02, (int)error);
            }
            else
            {
                using (writer.Constructed(0x30))
                {
                }
            }
        }
    }
}

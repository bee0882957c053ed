using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

using OpenEim.Protocol.Sgp32;
namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10c EuiccMemoryResetRequest, tag BF34 (SGP.22 5.7.19): <c>BF34{82}</c>. An IoT eUICC has the one of SGP.32 (BF64) instead.</summary>
/// <param name="Options">82: only the first three bits have a meaning in SGP.22.</param>
public sealed record EuiccMemoryResetRequestEs10c(ResetOptions Options) : IBerMessage<EuiccMemoryResetRequestEs10c>
{
    /// <inheritdoc/>
    public static EuiccMemoryResetRequestEs10c Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.EuiccMemoryReset);
        var request = new EuiccMemoryResetRequestEs10c((ResetOptions)inner.ReadNamedBits(0x82));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.EuiccMemoryReset))
        {
            writer.NamedBits(0x82, (uint)Options);
        }
    }
}

/// <summary>SGP.22 resetResult.</summary>
public enum ResetResult
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>Nothing of what was asked for is there.</summary>
    NothingToDelete = 1,

    /// <summary>A proactive session goes on.</summary>
    CatBusy = 5,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>ES10c EuiccMemoryResetResponse, tag BF34 (SGP.22 5.7.19): <c>BF34{80}</c>.</summary>
public sealed record EuiccMemoryResetResponseEs10c(ResetResult Result) : IBerMessage<EuiccMemoryResetResponseEs10c>
{
    /// <inheritdoc/>
    public static EuiccMemoryResetResponseEs10c Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.EuiccMemoryReset);
        var response = new EuiccMemoryResetResponseEs10c((ResetResult)inner.ReadInt32(0x80));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.EuiccMemoryReset))
        {
            writer.Integer(0x80, (int)Result);
        }
    }
}

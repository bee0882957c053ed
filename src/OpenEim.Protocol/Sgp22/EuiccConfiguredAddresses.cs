using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10a GetEuiccConfiguredAddresses response, <c>BF3C{80?, 81}</c> (SGP.22 5.7.3).</summary>
/// <param name="DefaultDpAddress">80: the default SM-DP+, at most 255 bytes; null when none is set.</param>
/// <param name="RootDsAddress">81: the root SM-DS, at most 255 bytes; empty on a card that has none, as the field is not optional.</param>
public sealed record EuiccConfiguredAddressesResponse(string? DefaultDpAddress, string RootDsAddress) : IBerMessage<EuiccConfiguredAddressesResponse>
{
    /// <inheritdoc/>
    /// <remarks>A card without a root SM-DS may leave 81 out; that reads as empty.</remarks>
    public static EuiccConfiguredAddressesResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xBF3C);
        var response = new EuiccConfiguredAddressesResponse(inner.TryReadUtf8(0x80, 255), inner.TryReadUtf8(0x81, 255) ?? "");
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF3C))
        {
            writer.OptionalUtf8(0x80, DefaultDpAddress);
            writer.Utf8(0x81, RootDsAddress);
        }
    }
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10a EuiccConfiguredAddressesResponse, tag BF3C (SGP.22 5.7.3). Its request is an <see cref="EmptyRequest"/>.</summary>
/// <param name="DefaultSmdpAddress">80: FQDN.</param>
/// <param name="RootSmdsAddress">81: FQDN.</param>
public sealed record EuiccConfiguredAddressesResponse(string? DefaultSmdpAddress, string RootSmdsAddress)
    : IBerMessage<EuiccConfiguredAddressesResponse>
{
    /// <inheritdoc/>
    public static EuiccConfiguredAddressesResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.EuiccConfiguredAddresses);
        var response = new EuiccConfiguredAddressesResponse(inner.TryReadUtf8(0x80, 255), inner.ReadUtf8(0x81, 0, 255));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.EuiccConfiguredAddresses))
        {
            writer.OptionalUtf8(0x80, DefaultSmdpAddress);
            writer.Utf8(0x81, RootSmdsAddress);
        }
    }
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10a SetDefaultDpAddressRequest, tag BF3F (SGP.22 5.7.4): <c>BF3F{80}</c>.</summary>
/// <param name="Address">80: FQDN; empty removes it.</param>
public sealed record SetDefaultDpAddressRequest(string Address) : IBerMessage<SetDefaultDpAddressRequest>
{
    /// <inheritdoc/>
    public static SetDefaultDpAddressRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.SetDefaultDpAddress);
        var request = new SetDefaultDpAddressRequest(inner.ReadUtf8(0x80, 0, 255));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.SetDefaultDpAddress))
        {
            writer.Utf8(0x80, Address);
        }
    }
}

/// <summary>ES10a SetDefaultDpAddressResponse, tag BF3F (SGP.22 5.7.4): <c>BF3F{80}</c>.</summary>
public sealed record SetDefaultDpAddressResponse(SetDefaultDpAddressResult Result) : IBerMessage<SetDefaultDpAddressResponse>
{
    /// <inheritdoc/>
    public static SetDefaultDpAddressResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.SetDefaultDpAddress);
        var response = new SetDefaultDpAddressResponse((SetDefaultDpAddressResult)inner.ReadInt32(0x80));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.SetDefaultDpAddress))
        {
            writer.Integer(0x80, (int)Result);
        }
    }
}

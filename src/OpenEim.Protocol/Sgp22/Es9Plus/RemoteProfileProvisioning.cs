using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>ES9+ RemoteProfileProvisioningRequest, tag A2 (SGP.22 6.6.2): what a device asks in the ASN.1 binding.</summary>
/// <param name="Function">The function's own message.</param>
public sealed record RemoteProfileProvisioningRequest(IBerMessage Function) : IBerMessage<RemoteProfileProvisioningRequest>
{
    /// <inheritdoc/>
    public static RemoteProfileProvisioningRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xA2);
        IBerMessage function = inner.PeekTag() switch
        {
            0xBF39 => InitiateAuthenticationRequest.Decode(ref inner),
            0xBF3B => AuthenticateClientRequest.Decode(ref inner),
            0xBF3A => GetBoundProfilePackageRequest.Decode(ref inner),
            0xBF41 => CancelSessionRequestEs9.Decode(ref inner),
            0xBF3D => HandleNotificationEs9.Decode(ref inner),
            var tag => throw BerReader.Unexpected(tag),
        };
        inner.ThrowIfNotEmpty();
        return new RemoteProfileProvisioningRequest(function);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xA2))
        {
            Function.Encode(writer);
        }
    }
}

/// <summary>ES9+ RemoteProfileProvisioningResponse, tag A2 (SGP.22 6.6.2): what the SM-DP+ answers in the ASN.1 binding.</summary>
/// <param name="Function">The function's own message.</param>
public sealed record RemoteProfileProvisioningResponse(IBerMessage Function) : IBerMessage<RemoteProfileProvisioningResponse>
{
    /// <inheritdoc/>
    public static RemoteProfileProvisioningResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xA2);
        IBerMessage function = inner.PeekTag() switch
        {
            0xBF39 => InitiateAuthenticationResponse.Decode(ref inner),
            0xBF3B => AuthenticateClientResponseEs9.Decode(ref inner),
            0xBF3A => GetBoundProfilePackageResponse.Decode(ref inner),
            0xBF41 => CancelSessionResponseEs9.Decode(ref inner),
            var tag => throw BerReader.Unexpected(tag),
        };
        inner.ThrowIfNotEmpty();
        return new RemoteProfileProvisioningResponse(function);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xA2))
        {
            Function.Encode(writer);
        }
    }
}

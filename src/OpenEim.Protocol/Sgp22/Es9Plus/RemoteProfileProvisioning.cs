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
        var inner = reader.ReadConstructed(Sgp22Tags.RemoteProfileProvisioning);
        IBerMessage function = inner.PeekTag() switch
        {
            Sgp22Tags.InitiateAuthentication => InitiateAuthenticationRequest.Decode(ref inner),
            Sgp22Tags.AuthenticateClient => AuthenticateClientRequest.Decode(ref inner),
            Sgp22Tags.GetBoundProfilePackage => GetBoundProfilePackageRequest.Decode(ref inner),
            Sgp22Tags.CancelSession => CancelSessionRequestEs9.Decode(ref inner),
            Sgp22Tags.HandleNotification => HandleNotificationEs9.Decode(ref inner),
            var tag => throw BerReader.Unexpected(tag),
        };
        inner.ThrowIfNotEmpty();
        return new RemoteProfileProvisioningRequest(function);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.RemoteProfileProvisioning))
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
        var inner = reader.ReadConstructed(Sgp22Tags.RemoteProfileProvisioning);
        IBerMessage function = inner.PeekTag() switch
        {
            Sgp22Tags.InitiateAuthentication => InitiateAuthenticationResponse.Decode(ref inner),
            Sgp22Tags.AuthenticateClient => AuthenticateClientResponseEs9.Decode(ref inner),
            Sgp22Tags.GetBoundProfilePackage => GetBoundProfilePackageResponse.Decode(ref inner),
            Sgp22Tags.CancelSession => CancelSessionResponseEs9.Decode(ref inner),
            var tag => throw BerReader.Unexpected(tag),
        };
        inner.ThrowIfNotEmpty();
        return new RemoteProfileProvisioningResponse(function);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.RemoteProfileProvisioning))
        {
            Function.Encode(writer);
        }
    }
}

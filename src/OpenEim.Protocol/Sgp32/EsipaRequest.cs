using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>EsipaMessageFromIpaToEim: what an IPA posts, told by its outer tag.</summary>
public static class EsipaRequest
{
    /// <summary>Reads a whole message.</summary>
    /// <exception cref="ProtocolException">The bytes are no ESipa request, or something follows it.</exception>
    public static IBerMessage Decode(ReadOnlyMemory<byte> message) => new BerReader(message).PeekTag() switch
    {
        Sgp22Tags.InitiateAuthentication => BerMessage.Decode<InitiateAuthenticationRequestEsipa>(message),
        Sgp22Tags.GetBoundProfilePackage => BerMessage.Decode<GetBoundProfilePackageRequestEsipa>(message),
        Sgp22Tags.AuthenticateClient => BerMessage.Decode<AuthenticateClientRequestEsipa>(message),
        Sgp22Tags.HandleNotification => BerMessage.Decode<HandleNotification>(message),
        Sgp22Tags.CancelSession => BerMessage.Decode<CancelSessionRequestEsipa>(message),
        Sgp32Tags.TransferEimPackage => BerMessage.Decode<TransferEimPackageResponse>(message),
        Sgp32Tags.GetEimPackage => BerMessage.Decode<GetEimPackageRequest>(message),
        Sgp32Tags.ProvideEimPackageResult => BerMessage.Decode<ProvideEimPackageResult>(message),
        var tag => throw BerReader.Unexpected(tag),
    };
}

/// <summary>EsipaMessageFromEimToIpa: what the eIM answers or transfers, told by its outer tag.</summary>
public static class EsipaResponse
{
    /// <summary>Reads a whole message.</summary>
    /// <exception cref="ProtocolException">The bytes are no ESipa response, or something follows it.</exception>
    public static IBerMessage Decode(ReadOnlyMemory<byte> message) => new BerReader(message).PeekTag() switch
    {
        Sgp22Tags.InitiateAuthentication => BerMessage.Decode<InitiateAuthenticationResponseEsipa>(message),
        Sgp22Tags.GetBoundProfilePackage => BerMessage.Decode<GetBoundProfilePackageResponseEsipa>(message),
        Sgp22Tags.AuthenticateClient => BerMessage.Decode<AuthenticateClientResponseEsipa>(message),
        Sgp22Tags.CancelSession => BerMessage.Decode<CancelSessionResponseEsipa>(message),
        Sgp32Tags.TransferEimPackage => BerMessage.Decode<TransferEimPackageRequest>(message),
        Sgp32Tags.GetEimPackage => BerMessage.Decode<GetEimPackageResponse>(message),
        Sgp32Tags.ProvideEimPackageResult => BerMessage.Decode<ProvideEimPackageResultResponse>(message),
        var tag => throw BerReader.Unexpected(tag),
    };
}

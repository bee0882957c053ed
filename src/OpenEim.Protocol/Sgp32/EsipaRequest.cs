using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>EsipaMessageFromIpaToEim: what an IPA posts, told by its outer tag.</summary>
public static class EsipaRequest
{
    /// <summary>Reads a whole message.</summary>
    /// <exception cref="ProtocolException">The bytes are no ESipa request, or something follows it.</exception>
    public static IBerMessage Decode(ReadOnlyMemory<byte> message) => new BerReader(message).PeekTag() switch
    {
        0xBF39 => BerMessage.Decode<InitiateAuthenticationRequestEsipa>(message),
        0xBF3A => BerMessage.Decode<GetBoundProfilePackageRequestEsipa>(message),
        0xBF3B => BerMessage.Decode<AuthenticateClientRequestEsipa>(message),
        0xBF3D => BerMessage.Decode<HandleNotification>(message),
        0xBF41 => BerMessage.Decode<CancelSessionRequestEsipa>(message),
        0xBF4E => BerMessage.Decode<TransferEimPackageResponse>(message),
        0xBF4F => BerMessage.Decode<GetEimPackageRequest>(message),
        0xBF50 => BerMessage.Decode<ProvideEimPackageResult>(message),
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
        0xBF39 => BerMessage.Decode<InitiateAuthenticationResponseEsipa>(message),
        0xBF3A => BerMessage.Decode<GetBoundProfilePackageResponseEsipa>(message),
        0xBF3B => BerMessage.Decode<AuthenticateClientResponseEsipa>(message),
        0xBF41 => BerMessage.Decode<CancelSessionResponseEsipa>(message),
        0xBF4E => BerMessage.Decode<TransferEimPackageRequest>(message),
        0xBF4F => BerMessage.Decode<GetEimPackageResponse>(message),
        0xBF50 => BerMessage.Decode<ProvideEimPackageResultResponse>(message),
        var tag => throw BerReader.Unexpected(tag),
    };
}

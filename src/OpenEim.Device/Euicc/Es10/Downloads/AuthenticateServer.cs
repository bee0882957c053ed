using System.Security.Cryptography;
using OpenEim.Device.Euicc.Es10.Information;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>ES10b AuthenticateServer, tag BF38 (SGP.22 5.7.13): the card believes the SM-DP+, and shows that it is a card to believe.</summary>
internal static class AuthenticateServer
{
    public static AuthenticateServerResponse Execute(EuiccCore core, ReadOnlyMemory<byte> encoded)
    {
        var request = BerMessage.Decode<AuthenticateServerRequest>(encoded);
        var signed = request.ReadSigned();
        request.ReadCtxParams1();
        InstallationCompletion.Interrupt(core);
        if (core.Session is not { Server: null } session)
        {
            return Refuse(signed.TransactionId, AuthenticateErrorCode.NoSessionContext);
        }

        if (Check(core, session, request, signed, out var certificate) is { } error)
        {
            core.ChangeSession(null);
            return Refuse(signed.TransactionId, error);
        }

        var answer = new EuiccSigned1(
            signed.TransactionId, signed.ServerAddress, signed.ServerChallenge, GetEuiccInfo.Info2(core).Encode(), request.CtxParams1).Encode();
        var signature = core.Sign(answer);
        session.Server = new AuthenticatedServer(
            signed.TransactionId,
            signed.ServerAddress,
            certificate!.RegisteredIds[0],
            certificate.AuthorityKeyIdentifier!.Value,
            signature);
        return new AuthenticateServerResponse(
            new AuthenticateResponseOk(answer, signature, core.Identity.EuiccCertificate, core.Identity.EumCertificate));
    }

    private static AuthenticateErrorCode? Check(
        EuiccCore core, DownloadSession session, AuthenticateServerRequest request, ServerSigned1 signed, out RspCertificate? certificate)
    {
        // 1. The CI under which the card shall sign is one of its own. An eIM may have cut the identifier short (SGP.32).
        certificate = null;
        if (!core.Identity.SigningCiKeyIds.Any(id => id.AsSpan().StartsWith(request.CiKeyId.Span)))
        {
            return AuthenticateErrorCode.CiPkUnknown;
        }

        // 2. The certificate leads to a CI that the card trusts, and is one for authentication.
        var chain = ServerCertificate.Verify(core, request.ServerCertificate, RspRole.DpAuth, null, out certificate);
        if (chain.PublicKey is not { } key)
        {
            return chain.Error switch
            {
                ChainError.UntrustedCi => AuthenticateErrorCode.CiPkUnknown,
                ChainError.UnsupportedCurve => AuthenticateErrorCode.UnsupportedCurve,
                ChainError.OidMismatch => AuthenticateErrorCode.InvalidOid,
                _ => AuthenticateErrorCode.InvalidCertificate,
            };
        }

        // 3. Its holder has signed, and has signed the card's own challenge.
        if (!key.Verify(request.SignedData.Span, request.Signature.Span))
        {
            return AuthenticateErrorCode.InvalidSignature;
        }

        return CryptographicOperations.FixedTimeEquals(signed.EuiccChallenge.Span, session.EuiccChallenge)
            ? null
            : AuthenticateErrorCode.EuiccChallengeMismatch;
    }

    private static AuthenticateServerResponse Refuse(TransactionId transaction, AuthenticateErrorCode code) =>
        new(null, new AuthenticateResponseError(transaction, code));
}

using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>ES10b PrepareDownload, tag BF21 (SGP.22 5.7.5): the card agrees to the download and gives its one-time key.</summary>
internal static class PrepareDownload
{
    public static PrepareDownloadResponse Execute(EuiccCore core, ReadOnlyMemory<byte> encoded)
    {
        var request = BerMessage.Decode<PrepareDownloadRequest>(encoded);
        var signed = request.ReadSigned();
        InstallationCompletion.Interrupt(core);
        if (core.Session is not { Server: { } server } session)
        {
            return Refuse(signed.TransactionId, DownloadErrorCode.NoSessionContext);
        }

        if (Check(core, server, request, signed, out var smdpKey) is { } error)
        {
            return Refuse(signed.TransactionId, error);
        }

        var key = ReuseOrGenerate(core, server, signed, smdpKey!.Curve);
        session.Prepare(new PreparedDownload(smdpKey, key));
        var answer = new EuiccSigned2(
            signed.TransactionId, key.PublicKey.Point, signed.ConfirmationCodeRequired ? request.HashCc : null).Encode();
        return new PrepareDownloadResponse(new PrepareDownloadResponseOk(
            answer, core.Sign(PrepareDownloadResponseOk.SignedWith(answer, request.Signature.Span))));
    }

    private static DownloadErrorCode? Check(
        EuiccCore core, AuthenticatedServer server, PrepareDownloadRequest request, SmdpSigned2 signed, out EcPublicKey? key)
    {
        // 1. The certificate is one for binding profiles, of the SM-DP+ that was authenticated and under the same CI.
        var chain = ServerCertificate.Verify(core, request.SmdpCertificate, RspRole.DpPb, server.Oid, out var certificate);
        key = chain.PublicKey;
        if (key is null)
        {
            return chain.Error == ChainError.UnsupportedCurve ? DownloadErrorCode.UnsupportedCurve : DownloadErrorCode.InvalidCertificate;
        }

        if (!certificate!.AuthorityKeyIdentifier!.Value.Span.SequenceEqual(server.CiKeyId.Span))
        {
            return DownloadErrorCode.InvalidCertificate;
        }

        // 2. Its holder has signed, over what the card has signed before.
        if (!key.Verify(PrepareDownloadRequest.SignedWith(request.SignedData.Span, server.EuiccSignature1.Span), request.Signature.Span))
        {
            return DownloadErrorCode.InvalidSignature;
        }

        // 3. It is this session. A confirmation code that is needed has no error code of its own.
        if (signed.TransactionId != server.TransactionId)
        {
            return DownloadErrorCode.InvalidTransactionId;
        }

        return signed.ConfirmationCodeRequired && request.HashCc is null ? DownloadErrorCode.UndefinedError : null;
    }

    private static OneTimeKey ReuseOrGenerate(EuiccCore core, AuthenticatedServer server, SmdpSigned2 signed, EcCurve curve)
    {
        if (signed.BppEuiccOtpk is { } wanted
            && core.State.OneTimeKey is { } retained
            && retained.SmdpOid == server.Oid
            && retained.Curve == curve
            && wanted.Span.SequenceEqual(retained.PublicKey))
        {
            return OneTimeKey.Import(curve, retained.PrivateKey);
        }

        var key = OneTimeKey.Generate(curve);
        core.Commit(core.State with { OneTimeKey = new RetainedOneTimeKey(server.Oid, curve, key.Export(), key.PublicKey.Point.ToArray()) });
        return key;
    }

    private static PrepareDownloadResponse Refuse(TransactionId transaction, DownloadErrorCode code) =>
        new(null, new PrepareDownloadResponseError(transaction, code));
}

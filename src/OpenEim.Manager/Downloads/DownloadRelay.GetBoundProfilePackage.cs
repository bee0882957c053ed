using OpenEim.Manager.Operations;
using OpenEim.Manager.Packages;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Downloads;

public sealed partial class DownloadRelay
{
    private const uint GetPackage = 0xBF3A;

    /// <summary>ESipa GetBoundProfilePackage (SGP.32 5.14.2).</summary>
    /// <param name="request">The decoded request.</param>
    /// <param name="received">The bytes of the request.</param>
    /// <param name="caller">The sender.</param>
    /// <param name="ct">Ends when the sender stops waiting.</param>
    /// <exception cref="ProtocolException">The eUICC's answer is malformed.</exception>
    public async Task<byte[]> GetBoundProfilePackageAsync(
        GetBoundProfilePackageRequestEsipa request, ReadOnlyMemory<byte> received, EsipaCaller? caller = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var hash = RelayAnswers.HashOf(received);
        if (await _answers.FindAsync(hash, ct).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        var session = await FindSessionAsync(request.TransactionId, ct).ConfigureAwait(false);
        if (session is not { EuiccKey: { } key, SmdpSignature2: { } smdpSignature2 })
        {
            return PackageError(GetBoundProfilePackageErrorEsipa.InvalidTransactionId);
        }

        var response = BerMessage.Decode<PrepareDownloadResponse>(request.PrepareDownloadResponse);
        if (response.Ok is not { } ok)
        {
            hash = RelayAnswers.HashOfReport(GetPackage, request.TransactionId);
        }
        else
        {
            var signed = PrepareDownloadResponseOk.SignedWith(ok.SignedData.Span, smdpSignature2);
            if (ok.ReadSigned().TransactionId != request.TransactionId
                || !EcPublicKey.FromSubjectPublicKeyInfo(key).Verify(signed, ok.Signature.Span))
            {
                Distrust(request.TransactionId, "GetBoundProfilePackage", Telemetry.Distrust.Signature, "the eUICC's signature does not verify");
                return PackageError(GetBoundProfilePackageErrorEsipa.EuiccSignatureInvalid);
            }
        }

        return await _answers.OnceAsync(hash, () => GetPackageAsync(hash, session, request, response.Error, caller ?? EsipaCaller.Unknown), ct).ConfigureAwait(false)
            ?? PackageError(GetBoundProfilePackageErrorEsipa.UndefinedError);
    }

    private async Task<byte[]> GetPackageAsync(
        byte[] hash, RelaySession session, GetBoundProfilePackageRequestEsipa request, PrepareDownloadResponseError? cardError, EsipaCaller caller)
    {
        var answer = await _parts.Es9Plus.GetBoundProfilePackageAsync(
            session.Server, request.TransactionId, request.PrepareDownloadResponse, CancellationToken.None).ConfigureAwait(false);
        LogRelayed(request.TransactionId, session.Server, "GetBoundProfilePackage", answer.Refusal);
        if (answer.Trouble is { } trouble)
        {
            return await TroubledAsync(GetPackage, (int)GetBoundProfilePackageErrorEsipa.UndefinedError, session, trouble).ConfigureAwait(false);
        }

        if (answer.Value is not { } ok)
        {
            return await ConcludeAsync(
                hash,
                RelayMessages.Error(GetPackage, await ErrorOfAsync(answer.Refusal, session, caller).ConfigureAwait(false)),
                session.Eid,
                session.OperationId,
                cardError is null ? Refused(answer.Refusal) : Reported(DownloadError.ProfileRefused(cardError.Code))).ConfigureAwait(false);
        }

        return await ConcludeAsync(hash, RelayMessages.Bound(ok), session.Eid, session.OperationId, async (euicc, operation) =>
        {
            await session.PackageSentAsync(euicc.Session).ConfigureAwait(false);
            await DownloadOutcome.PackageSentAsync(euicc, operation, session).ConfigureAwait(false);
            if (operation.Error?.Reason == DownloadError.ConfirmationCodeDemanded.Reason)
            {
                // The device had the code.
                await OperationEngine.RememberAsync(euicc, operation, null).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>ESipa's number of a refusal. v1.3 has none any more for an expired order.</summary>
    private async ValueTask<int> ErrorOfAsync(StatusCode? refusal, RelaySession session, EsipaCaller caller) =>
        refusal is not { } code || (code == StatusCodes.OrderExpired && await SpeaksV13Async(caller, session.KnownEid).ConfigureAwait(false))
            ? (int)GetBoundProfilePackageErrorEsipa.UndefinedError
            : (int)Es9PlusErrors.GetBoundProfilePackageError(code);

    private static byte[] PackageError(GetBoundProfilePackageErrorEsipa error) => RelayMessages.Error(GetPackage, (int)error);
}

using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Smdps;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Esipa;

/// <summary>ESipa GetBoundProfilePackage (SGP.32 5.14.2): the profile of an indirect download.</summary>
public sealed class GetBoundProfilePackage
{
    private const string Name = nameof(GetBoundProfilePackage);
    private const uint Tag = 0xBF3A;

    private readonly RelayedCalls _calls;
    private readonly Es9PlusClient _es9Plus;
    private readonly SpokenVersions _versions;

    internal GetBoundProfilePackage(RelayedCalls calls, Es9PlusClient es9Plus, SpokenVersions versions) =>
        (_calls, _es9Plus, _versions) = (calls, es9Plus, versions);

    /// <summary>Executes the function.</summary>
    /// <param name="request">What the IPA asks.</param>
    /// <param name="caller">Where it comes from.</param>
    /// <param name="ct">The caller's patience.</param>
    /// <exception cref="ProtocolException">The eUICC's answer is malformed.</exception>
    public async Task<GetBoundProfilePackageResponseEsipa> ExecuteAsync(
        GetBoundProfilePackageRequestEsipa request, EsipaCaller? caller = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var hash = RelayAnswers.HashOf(request);
        if (await _calls.FindAnswerAsync<GetBoundProfilePackageResponseEsipa>(hash, ct).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        // 1. The transaction must be that of a session whose eUICC has authenticated itself.
        var session = await _calls.FindSessionAsync(request.TransactionId, ct).ConfigureAwait(false);
        if (session is not { EuiccKey: { } key, SmdpSignature2: { } smdpSignature2 })
        {
            return Failed(GetBoundProfilePackageErrorEsipa.InvalidTransactionId);
        }

        // 2. The eUICC's signature must verify. An error that the card reports is not signed: one answer to all of them.
        var response = BerMessage.Decode<PrepareDownloadResponse>(request.PrepareDownloadResponse);
        if (response.Ok is not { } ok)
        {
            hash = RelayAnswers.HashOfReport(Tag, request.TransactionId);
        }
        else
        {
            var signed = PrepareDownloadResponseOk.SignedWith(ok.SignedData.Span, smdpSignature2);
            if (ok.ReadSigned().TransactionId != request.TransactionId
                || !EcPublicKey.FromSubjectPublicKeyInfo(key).Verify(signed, ok.Signature.Span))
            {
                _calls.Distrust(request.TransactionId, Name, Exchanges.Distrust.Signature, "the eUICC's signature does not verify");
                return Failed(GetBoundProfilePackageErrorEsipa.EuiccSignatureInvalid);
            }
        }

        return await _calls.OnceAsync<GetBoundProfilePackageResponseEsipa>(
            hash,
            Failed(GetBoundProfilePackageErrorEsipa.UndefinedError),
            () => RelayAsync(hash, session, request, response.Error, caller ?? EsipaCaller.Unknown),
            ct).ConfigureAwait(false);
    }

    /// <summary>3. ES9+ GetBoundProfilePackage. 4. A refusal ends the download; the package leaves, and what is announced of it is stored.</summary>
    private async Task<GetBoundProfilePackageResponseEsipa> RelayAsync(
        byte[] hash, RelaySession session, GetBoundProfilePackageRequestEsipa request, PrepareDownloadResponseError? cardError, EsipaCaller caller)
    {
        var answer = await _es9Plus.GetBoundProfilePackageAsync(
            session.Server, request.TransactionId, request.PrepareDownloadResponse, CancellationToken.None).ConfigureAwait(false);
        _calls.LogRelayed(request.TransactionId, session.Server, Name, answer.Refusal);
        if (answer.Trouble is { } trouble)
        {
            return await _calls.TroubledAsync(Failed(GetBoundProfilePackageErrorEsipa.UndefinedError), session, trouble).ConfigureAwait(false);
        }

        if (answer.Value is not { } ok)
        {
            return await _calls.ConcludeAsync(
                hash,
                Failed(await ErrorOfAsync(answer.Refusal, session, caller).ConfigureAwait(false)),
                session.Eid,
                session.OperationId,
                cardError is null ? _calls.Refused(answer.Refusal) : RelayedCalls.Reported(DownloadError.ProfileRefused(cardError.Code))).ConfigureAwait(false);
        }

        var bound = new GetBoundProfilePackageResponseEsipa.Ok(ok.TransactionId, ok.BoundProfilePackage);
        return await _calls.ConcludeAsync<GetBoundProfilePackageResponseEsipa>(hash, bound, session.Eid, session.OperationId, async (euicc, operation) =>
        {
            await session.PackageSentAsync(euicc.Session).ConfigureAwait(false);
            await DownloadOutcome.PackageSentAsync(euicc, operation, session).ConfigureAwait(false);
            if (operation.Error?.Reason == DownloadError.ConfirmationCodeDemanded.Reason)
            {
                // The device had it.
                await OperationEngine.RememberAsync(euicc, operation, null).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>ESipa's number of a refusal. v1.3 no longer has one for an order that has expired.</summary>
    private async ValueTask<GetBoundProfilePackageErrorEsipa> ErrorOfAsync(StatusCode? refusal, RelaySession session, EsipaCaller caller) =>
        refusal is not { } code || (code == StatusCodes.OrderExpired && await _versions.IsV13Async(caller, session.KnownEid).ConfigureAwait(false))
            ? GetBoundProfilePackageErrorEsipa.UndefinedError
            : (GetBoundProfilePackageErrorEsipa)(int)Es9PlusErrors.GetBoundProfilePackageError(code);

    private static GetBoundProfilePackageResponseEsipa.Failed Failed(GetBoundProfilePackageErrorEsipa error) => new(error);
}

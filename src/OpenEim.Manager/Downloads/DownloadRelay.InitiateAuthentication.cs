using OpenEim.Manager.Operations;
using OpenEim.Manager.Packages;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Manager.Downloads;

public sealed partial class DownloadRelay
{
    private const uint Initiate = 0xBF39;

    /// <summary>ESipa InitiateAuthentication (SGP.32 5.14.1).</summary>
    /// <param name="request">The decoded request.</param>
    /// <param name="received">The bytes of the request.</param>
    /// <param name="caller">The sender.</param>
    /// <param name="ct">Ends when the sender stops waiting.</param>
    public async Task<byte[]> InitiateAuthenticationAsync(
        InitiateAuthenticationRequestEsipa request, ReadOnlyMemory<byte> received, EsipaCaller? caller = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        caller ??= EsipaCaller.Unknown;
        var hash = RelayAnswers.HashOf(received);
        if (await _answers.FindAsync(hash, ct).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        var asked = SmdpAddress.TryParse(request.SmdpAddress, out var told) ? told : (SmdpAddress?)null;
        var waiting = 0;
        var download = request.TransactionId is { } transaction ? await FindDownloadAsync(transaction, ct).ConfigureAwait(false) : null;
        if (request.TransactionId is null && asked is { } unnamed)
        {
            waiting = await _database.ReadAsync(
                session => RelayedDownload.CountUnnamedAsync(session, unnamed, caller.LastPolled, _options.AllowV10), ct).ConfigureAwait(false);
            download = waiting > 0 ? new RelayedDownload(null, null, null, null) : null;
        }

        if (download is null)
        {
            LogStopped(null, "InitiateAuthentication", "no download awaits it");
            return InitiateError(InitiateAuthenticationErrorEsipa.InvalidEimTransactionId);
        }

        if (!_identity.IndirectProfileDownload)
        {
            await RememberAsync(download, DownloadError.OnlyIndirect).ConfigureAwait(false);
            return InitiateError(InitiateAuthenticationErrorEsipa.UndefinedError);
        }

        // The eIM calls the address in the operation's activation code, even if the device names another one.
        var address = download.Code?.Address ?? asked!.Value;
        if (request.SmdpAddress is not null && (asked is not { } wanted || !wanted.IsSameServerAs(address)))
        {
            await RememberAsync(download, DownloadError.OtherAddressAsked).ConfigureAwait(false);
            return InitiateError(InitiateAuthenticationErrorEsipa.SmdpAddressMismatch);
        }

        if ((request.EuiccInfo1?.ToArray() ?? download.Data?.EuiccInfo1) is not { } info)
        {
            LogStopped(null, "InitiateAuthentication", "the eUICC's EUICCInfo1 is not known");
            return InitiateError(InitiateAuthenticationErrorEsipa.UndefinedError);
        }

        if (!await MayBeginAsync(download, caller, address, waiting, ct).ConfigureAwait(false))
        {
            LogStopped(null, "InitiateAuthentication", "too many sessions wait for their eUICC to prove itself");
            return InitiateError(InitiateAuthenticationErrorEsipa.UndefinedError);
        }

        var onward = new InitiateAuthenticationRequest(request.EuiccChallenge, address.ToString(), info);
        var isKnown = download.Data?.EuiccInfo1 is { } stored && stored.AsSpan().SequenceEqual(info);
        return await _answers.OnceAsync(hash, () => InitiateAsync(hash, download, address, onward, isKnown), ct).ConfigureAwait(false)
            ?? InitiateError(InitiateAuthenticationErrorEsipa.UndefinedError);
    }

    private async ValueTask<RelayedDownload?> FindDownloadAsync(TransactionId transaction, CancellationToken ct) =>
        _transactionIds.EuiccIdOf(transaction) is { } euiccId && await _euiccIds.FindAsync(_database, euiccId, ct).ConfigureAwait(false) is { } eid
            ? await _database.ReadAsync(session => FindDownloadAsync(session, eid, transaction), ct).ConfigureAwait(false)
            : null;

    /// <summary>Anybody can begin a session, with the transaction of a polled trigger or without one. So the number of sessions without a proof is bounded.</summary>
    private async ValueTask<bool> MayBeginAsync(RelayedDownload download, EsipaCaller caller, SmdpAddress address, int waiting, CancellationToken ct) =>
        download.OperationId is { } operationId
            ? await _unnamed.TryBeginAsync(caller, operationId, ct).ConfigureAwait(false)
            : await _unnamed.TryBeginAsync(caller, address, waiting, ct).ConfigureAwait(false);

    private async ValueTask<RelayedDownload?> FindDownloadAsync(DbSession session, Eid eid, TransactionId transaction) =>
        await _exchanges.FindOperationAsync(session, eid, transaction).ConfigureAwait(false) is { } operationId
            ? await RelayedDownload.FindAsync(session, eid, operationId, _parts.Secrets).ConfigureAwait(false)
            : null;

    /// <param name="hash">The hash of the received request.</param>
    /// <param name="download">The download that begins.</param>
    /// <param name="address">The SM-DP+.</param>
    /// <param name="request">The request to it.</param>
    /// <param name="isKnown">
    /// Whether its EUICCInfo1 is the one that the device told before. It is not signed, so anybody who has polled the trigger can send one that the
    /// SM-DP+ refuses. Such a refusal is remembered and does not end the download.
    /// </param>
    private async Task<byte[]> InitiateAsync(
        byte[] hash, RelayedDownload download, SmdpAddress address, InitiateAuthenticationRequest request, bool isKnown)
    {
        var answer = await _parts.Es9Plus.InitiateAuthenticationAsync(address, request, CancellationToken.None).ConfigureAwait(false);
        LogRelayed(answer.Value?.TransactionId, address, "InitiateAuthentication", answer.Refusal);
        if (answer.Trouble is { } trouble)
        {
            if (isKnown || !MayBeProvoked(trouble))
            {
                await RememberAsync(download, DownloadError.Trouble(trouble, address.ToString())).ConfigureAwait(false);
            }

            return InitiateError(InitiateAuthenticationErrorEsipa.UndefinedError);
        }

        var eid = download.Eid?.ToBytes();
        if (answer.Value is not { } ok)
        {
            var error = answer.Refusal is { } code && Es9PlusErrors.InitiateAuthenticationError(code) is { } mapped
                ? (InitiateAuthenticationErrorEsipa)(int)mapped
                : InitiateAuthenticationErrorEsipa.UndefinedError;
            return await ConcludeAsync(
                hash, InitiateError(error), eid, download.OperationId,
                isKnown ? Refused(answer.Refusal) : Reported(DownloadError.Refused(answer.Refusal))).ConfigureAwait(false);
        }

        if (Objection(ok, request, download.Code, address) is { } objection)
        {
            return await ConcludeAsync(
                hash, InitiateError(objection.Answer), eid, download.OperationId, (euicc, operation) => _outcome.FailAsync(euicc, operation, objection.Error))
                .ConfigureAwait(false);
        }

        return await BeginAsync(hash, download, address, ok).ConfigureAwait(false);
    }

    private Task<byte[]> BeginAsync(byte[] hash, RelayedDownload download, SmdpAddress address, InitiateAuthenticationOk ok) => _database.WriteAsync(
        async session =>
        {
            var eid = download.Eid?.ToBytes();
            var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            if (!await RelaySession.BeginAsync(session, ok.TransactionId, address, eid, download.OperationId, now).ConfigureAwait(false))
            {
                LogStopped(ok.TransactionId, "InitiateAuthentication", "another session has this transaction id");
                return InitiateError(InitiateAuthenticationErrorEsipa.UndefinedError);
            }

            var answer = RelayMessages.Initiated(ok, download.Code, download.Data);
            await ChangeAsync(session, eid, download.OperationId, (euicc, operation) => OperationEngine.RememberAsync(euicc, operation, null)).ConfigureAwait(false);
            await _answers.KeepAsync(session, hash, answer).ConfigureAwait(false);
            return answer;
        });

    /// <summary>Why the eIM rejects the SM-DP+'s answer; null if it does not. The eUICC checks the rest of it.</summary>
    private static (InitiateAuthenticationErrorEsipa Answer, OperationError Error)? Objection(
        InitiateAuthenticationOk ok, InitiateAuthenticationRequest request, ActivationCode? code, SmdpAddress address)
    {
        try
        {
            var signed = BerMessage.Decode<ServerSigned1>(ok.ServerSigned1);
            if (!SmdpAddress.TryParse(signed.ServerAddress, out var own) || !own.IsSameServerAs(address))
            {
                return (InitiateAuthenticationErrorEsipa.SmdpAddressMismatch, DownloadError.OtherAddressSigned);
            }

            if (signed.TransactionId != ok.TransactionId || !signed.EuiccChallenge.Span.SequenceEqual(request.EuiccChallenge.Span))
            {
                return (InitiateAuthenticationErrorEsipa.UndefinedError, DownloadError.Trouble(SmdpTrouble.Malformed, address.ToString()));
            }

            return code?.SmdpOid is { } oid && !RspCertificate.Parse(ok.ServerCertificate).RegisteredIds.Contains(oid, StringComparer.Ordinal)
                ? (InitiateAuthenticationErrorEsipa.SmdpOidMismatch, DownloadError.OtherOid)
                : null;
        }
        catch (ProtocolException)
        {
            return (InitiateAuthenticationErrorEsipa.UndefinedError, DownloadError.Trouble(SmdpTrouble.Malformed, address.ToString()));
        }
    }

    private Task RememberAsync(RelayedDownload download, OperationError error) => NoteAsync(
        download.Eid?.ToBytes(), download.OperationId, (euicc, operation) => OperationEngine.RememberAsync(euicc, operation, error));

    private static byte[] InitiateError(InitiateAuthenticationErrorEsipa error) => RelayMessages.Error(Initiate, (int)error);
}

using System.Formats.Asn1;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Smdps;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Esipa;

/// <summary>ESipa InitiateAuthentication (SGP.32 5.14.1): a device begins an indirect download.</summary>
public sealed class InitiateAuthentication
{
    private const string Name = nameof(InitiateAuthentication);

    private readonly EimIdentity _identity;
    private readonly RelayedCalls _calls;
    private readonly Es9PlusClient _es9Plus;
    private readonly WaitingDownloads _downloads;
    private readonly DownloadOutcome _outcome;
    private readonly TimeProvider _time;

    internal InitiateAuthentication(
        EimIdentity identity, RelayedCalls calls, Es9PlusClient es9Plus, WaitingDownloads downloads, DownloadOutcome outcome, TimeProvider time) =>
        (_identity, _calls, _es9Plus, _downloads, _outcome, _time) = (identity, calls, es9Plus, downloads, outcome, time);

    /// <summary>Executes the function.</summary>
    /// <param name="request">What the IPA asks.</param>
    /// <param name="caller">Where it comes from.</param>
    /// <param name="ct">The caller's patience.</param>
    public async Task<InitiateAuthenticationResponseEsipa> ExecuteAsync(
        InitiateAuthenticationRequestEsipa request, EsipaCaller? caller = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        caller ??= EsipaCaller.Unknown;
        var hash = RelayAnswers.HashOf(request);
        if (await _calls.FindAnswerAsync<InitiateAuthenticationResponseEsipa>(hash, ct).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        // 1. A download must wait for this device.
        var asked = SmdpAddress.TryParse(request.SmdpAddress, out var told) ? told : (SmdpAddress?)null;
        if (await _downloads.FindAsync(request.TransactionId, asked, caller, ct).ConfigureAwait(false) is not { } waiting)
        {
            return Refuse(InitiateAuthenticationErrorEsipa.InvalidEimTransactionId, "no download awaits it");
        }

        var download = waiting.Download;
        if (!_identity.IndirectProfileDownload)
        {
            await RememberAsync(download, DownloadError.OnlyIndirect).ConfigureAwait(false);
            return Failed(InitiateAuthenticationErrorEsipa.UndefinedError);
        }

        // 2. The address that the operator gave is the one to go to, whatever the device asks for.
        var address = download.Code?.Address ?? asked!.Value;
        if (request.SmdpAddress is not null && (asked is not { } wanted || !wanted.IsSameServerAs(address)))
        {
            await RememberAsync(download, DownloadError.OtherAddressAsked).ConfigureAwait(false);
            return Failed(InitiateAuthenticationErrorEsipa.SmdpAddressMismatch);
        }

        // 3. The eIM fills in EUICCInfo1 where the IPA leaves it out.
        if ((request.EuiccInfo1?.ToArray() ?? download.Data?.EuiccInfo1) is not { } info)
        {
            return Refuse(InitiateAuthenticationErrorEsipa.UndefinedError, "the eUICC's EUICCInfo1 is not known");
        }

        if (!await _downloads.MayBeginAsync(waiting, caller, address, ct).ConfigureAwait(false))
        {
            return Refuse(InitiateAuthenticationErrorEsipa.UndefinedError, "too many sessions wait for their eUICC to prove itself");
        }

        var onward = new InitiateAuthenticationRequest(request.EuiccChallenge, address.ToString(), info);
        var isKnown = download.Data?.EuiccInfo1 is { } stored && stored.AsSpan().SequenceEqual(info);
        return await _calls.OnceAsync<InitiateAuthenticationResponseEsipa>(
            hash, Failed(InitiateAuthenticationErrorEsipa.UndefinedError), () => RelayAsync(hash, download, address, onward, isKnown), ct).ConfigureAwait(false);
    }

    /// <summary>4. ES9+ InitiateAuthentication. 5. What the eIM itself checks of the answer must hold.</summary>
    /// <param name="hash">Of the request.</param>
    /// <param name="download">What is begun.</param>
    /// <param name="address">The SM-DP+ to ask.</param>
    /// <param name="request">What to ask.</param>
    /// <param name="isKnown">
    /// Whether its EUICCInfo1 is the one that the device told before. Nobody signs it, and anybody who has polled the trigger can send one that the
    /// SM-DP+ refuses: then the refusal is remembered, and ends nothing.
    /// </param>
    private async Task<InitiateAuthenticationResponseEsipa> RelayAsync(
        byte[] hash, RelayedDownload download, SmdpAddress address, InitiateAuthenticationRequest request, bool isKnown)
    {
        var answer = await _es9Plus.InitiateAuthenticationAsync(address, request, CancellationToken.None).ConfigureAwait(false);
        _calls.LogRelayed(answer.Value?.TransactionId, address, Name, answer.Refusal);
        if (answer.Trouble is { } trouble)
        {
            if (isKnown || !RelayedCalls.MayBeProvoked(trouble))
            {
                await RememberAsync(download, DownloadError.Trouble(trouble, address.ToString())).ConfigureAwait(false);
            }

            return Failed(InitiateAuthenticationErrorEsipa.UndefinedError);
        }

        var eid = download.Eid?.ToBytes();
        if (answer.Value is not { } ok)
        {
            var error = answer.Refusal is { } code && Es9PlusErrors.InitiateAuthenticationError(code) is { } mapped
                ? (InitiateAuthenticationErrorEsipa)(int)mapped
                : InitiateAuthenticationErrorEsipa.UndefinedError;
            return await _calls.ConcludeAsync(
                hash, Failed(error), eid, download.OperationId,
                isKnown ? _calls.Refused(answer.Refusal) : RelayedCalls.Reported(DownloadError.Refused(answer.Refusal))).ConfigureAwait(false);
        }

        if (Objection(ok, request, download.Code, address) is { } objection)
        {
            return await _calls.ConcludeAsync(
                hash, Failed(objection.Answer), eid, download.OperationId, (euicc, operation) => _outcome.FailAsync(euicc, operation, objection.Error))
                .ConfigureAwait(false);
        }

        return await BeginAsync(hash, download, address, ok).ConfigureAwait(false);
    }

    /// <summary>6. The session begins.</summary>
    private Task<InitiateAuthenticationResponseEsipa> BeginAsync(byte[] hash, RelayedDownload download, SmdpAddress address, InitiateAuthenticationOk ok) =>
        _calls.ConcludeAsync<InitiateAuthenticationResponseEsipa>(hash, async session =>
        {
            var eid = download.Eid?.ToBytes();
            if (!await RelaySession.BeginAsync(session, ok.TransactionId, address, eid, download.OperationId, _time.NowMilliseconds()).ConfigureAwait(false))
            {
                return (Refuse(InitiateAuthenticationErrorEsipa.UndefinedError, "another session has this transaction id", ok.TransactionId), false);
            }

            await _calls.ChangeAsync(session, eid, download.OperationId, RememberNothing).ConfigureAwait(false);
            return (Answer(ok, download), true);
        });

    private static ValueTask RememberNothing(LockedEuicc euicc, OperationRow operation) => OperationEngine.RememberAsync(euicc, operation, null);

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

    /// <summary>What the IPA lets the eIM make is added: ctxParams1, which holds the matching id, or the matching id alone.</summary>
    private static InitiateAuthenticationResponseEsipa.Ok Answer(InitiateAuthenticationOk ok, RelayedDownload download)
    {
        var answer = new InitiateAuthenticationResponseEsipa.Ok(ok.TransactionId, ok.ServerSigned1, ok.ServerSignature1, ok.CiKeyId, ok.ServerCertificate);
        return download is not { Code: { } code, Data: { } data } ? answer
            : data.Features.HasFlag(IpaFeatures.EimCtxParams1Generation) && data.DeviceInfo is { } device
                ? answer with { CtxParams1 = BerWriting.Encode(writer => WriteContext(writer, code, device)) }
            : data.Features.HasFlag(IpaFeatures.EimDownloadDataHandling) ? answer with { MatchingId = code.MatchingId }
            : answer;
    }

    // DeviceInfo goes out as the device told it.
    private static void WriteContext(AsnWriter writer, ActivationCode code, byte[] device)
    {
        using (writer.Constructed(0xA0))
        {
            writer.Utf8(0x80, code.MatchingId);
            using (writer.Constructed(0xA1))
            {
                writer.Raw(device);
            }
        }
    }

    private Task RememberAsync(RelayedDownload download, OperationError error) => _calls.NoteAsync(
        download.Eid?.ToBytes(), download.OperationId, (euicc, operation) => OperationEngine.RememberAsync(euicc, operation, error));

    private InitiateAuthenticationResponseEsipa.Failed Refuse(InitiateAuthenticationErrorEsipa error, string why, TransactionId? session = null)
    {
        _calls.LogStopped(session, Name, why);
        return Failed(error);
    }

    private static InitiateAuthenticationResponseEsipa.Failed Failed(InitiateAuthenticationErrorEsipa error) => new(error);
}

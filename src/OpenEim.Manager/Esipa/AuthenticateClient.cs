using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Secrets;
using OpenEim.Manager.Smdps;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Manager.Esipa;

/// <summary>ESipa AuthenticateClient (SGP.32 5.14.3): the eUICC proves to the SM-DP+, and on the way to the eIM, who it is.</summary>
public sealed class AuthenticateClient
{
    private const string Name = nameof(AuthenticateClient);
    private const uint Tag = 0xBF3B;

    private readonly Database _database;
    private readonly RelayedCalls _calls;
    private readonly Es9PlusClient _es9Plus;
    private readonly DownloadSecrets _secrets;
    private readonly EuiccAuthentication _authentication;
    private readonly SpokenVersions _versions;

    internal AuthenticateClient(
        Database database, RelayedCalls calls, Es9PlusClient es9Plus, DownloadSecrets secrets, EuiccAuthentication authentication, SpokenVersions versions) =>
        (_database, _calls, _es9Plus, _secrets, _authentication, _versions) = (database, calls, es9Plus, secrets, authentication, versions);

    /// <summary>Executes the function.</summary>
    /// <param name="request">What the IPA asks.</param>
    /// <param name="caller">Where it comes from.</param>
    /// <param name="ct">The caller's patience.</param>
    /// <exception cref="ProtocolException">The eUICC's answer is malformed.</exception>
    public async Task<AuthenticateClientResponseEsipa> ExecuteAsync(
        AuthenticateClientRequestEsipa request, EsipaCaller? caller = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var hash = RelayAnswers.HashOf(request);
        if (await _calls.FindAnswerAsync<AuthenticateClientResponseEsipa>(hash, ct).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        // 1. The transaction must be that of a session.
        if (await _calls.FindSessionAsync(request.TransactionId, ct).ConfigureAwait(false) is not { } session)
        {
            return Failed(AuthenticateClientErrorEsipa.InvalidTransactionId);
        }

        // 2. The eUICC's certificates and signature must verify. An error that the card reports is not signed: one answer to all of them.
        var response = BerMessage.Decode<AuthenticateServerResponse>(request.AuthenticateServerResponse);
        var device = new Device(session.KnownEid, session.OperationId, null, caller ?? EsipaCaller.Unknown);
        if (response.Ok is not { } ok)
        {
            hash = RelayAnswers.HashOfReport(Tag, request.TransactionId);
        }
        else
        {
            var proof = _authentication.Check(ok, request.TransactionId, session.KnownEid);
            if (proof.Error is { } refusal)
            {
                _calls.Distrust(request.TransactionId, Name, proof.Distrust, proof.Reason);
                return Failed(refusal);
            }

            // 3. Its eUICC must have a download from there: a v1.0 device says only now who it is.
            if ((session.OperationId ?? await FindOperationAsync(proof.Eid!.Value, session, ct).ConfigureAwait(false)) is not { } operation)
            {
                _calls.LogStopped(request.TransactionId, Name, "this eUICC has no download from there");
                return Failed(AuthenticateClientErrorEsipa.InvalidTransactionId);
            }

            device = device with { Eid = proof.Eid, OperationId = operation, Key = proof.Key, EuiccInfo2 = ok.ReadSigned().EuiccInfo2 };
        }

        return await _calls.OnceAsync<AuthenticateClientResponseEsipa>(
            hash, Failed(AuthenticateClientErrorEsipa.UndefinedError), () => RelayAsync(hash, session, device, request, response.Error), ct)
            .ConfigureAwait(false);
    }

    /// <summary>4. ES9+ AuthenticateClient. 5. A refusal ends the download.</summary>
    private async Task<AuthenticateClientResponseEsipa> RelayAsync(
        byte[] hash, RelaySession session, Device device, AuthenticateClientRequestEsipa request, AuthenticateResponseError? cardError)
    {
        var answer = await _es9Plus.AuthenticateClientAsync(
            session.Server, request.TransactionId, request.AuthenticateServerResponse, CancellationToken.None).ConfigureAwait(false);
        _calls.LogRelayed(request.TransactionId, session.Server, Name, answer.Refusal);
        if (answer.Trouble is { } trouble)
        {
            return cardError is not null && RelayedCalls.MayBeProvoked(trouble)
                ? Failed(AuthenticateClientErrorEsipa.UndefinedError)
                : await _calls.TroubledAsync(Failed(AuthenticateClientErrorEsipa.UndefinedError), session, trouble).ConfigureAwait(false);
        }

        if (answer.Value is not { } ok)
        {
            return await _calls.ConcludeAsync(
                hash,
                Failed(await ErrorOfAsync(answer.Refusal, device).ConfigureAwait(false)),
                device.Eid?.ToBytes(),
                device.OperationId,
                cardError is null ? _calls.Refused(answer.Refusal) : RelayedCalls.Reported(DownloadError.ServerRefused(cardError.Code))).ConfigureAwait(false);
        }

        return device.Key is not null && TryRead(ok.ReadProfileMetadata) is { } metadata
            ? await ConcludeAsync(hash, session, device, request, ok, metadata).ConfigureAwait(false)
            : await _calls.TroubledAsync(Failed(AuthenticateClientErrorEsipa.UndefinedError), session, SmdpTrouble.Malformed).ConfigureAwait(false);
    }

    /// <summary>6. The eIM adds the hash of the confirmation code where it has the code, and stores what it has learnt.</summary>
    private async Task<AuthenticateClientResponseEsipa> ConcludeAsync(
        byte[] hash, RelaySession session, Device device, AuthenticateClientRequestEsipa request, AuthenticateClientOk ok, StoreMetadataRequest metadata)
    {
        // The eUICC gets a structure that cannot be read as it is, and says what is wrong with it.
        var demandsCode = TryRead(() => BerMessage.Decode<SmdpSigned2>(ok.SmdpSigned2)) is { ConfirmationCodeRequired: true };
        var code = demandsCode ? await ConfirmationCodeAsync(device).ConfigureAwait(false) : null;
        var response = new AuthenticateClientResponseEsipa.Ok(
            ok.TransactionId,
            ok.ProfileMetadata,
            ok.SmdpSigned2,
            ok.SmdpSignature2,
            ok.SmdpCertificate,
            code is null ? (ReadOnlyMemory<byte>?)null : ConfirmationCodeHash.Compute(code.Text, request.TransactionId));
        return await _calls.ConcludeAsync<AuthenticateClientResponseEsipa>(hash, response, device.Eid?.ToBytes(), device.OperationId, async (euicc, operation) =>
        {
            await session.AuthenticatedAsync(euicc.Session, euicc.EidBytes, operation.Id, device.Key!, ok).ConfigureAwait(false);
            if (metadata.Iccid is { } iccid)
            {
                await DownloadOutcome.AnnounceAsync(euicc, operation, iccid).ConfigureAwait(false);
            }

            if (!device.EuiccInfo2.IsEmpty)
            {
                await EuiccClaims.ProveInfo2Async(euicc, device.EuiccInfo2).ConfigureAwait(false);
            }

            if (session.Eid is null)
            {
                await UnnamedSessions.ProvedAsync(euicc.Session, device.Caller, session.Server, euicc.Now).ConfigureAwait(false);
            }

            if (demandsCode && code is null)
            {
                // A device that has none cancels, and its signed reason says nothing of this.
                await OperationEngine.RememberAsync(euicc, operation, DownloadError.ConfirmationCodeDemanded).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    private ValueTask<byte[]?> FindOperationAsync(Eid eid, RelaySession session, CancellationToken ct) =>
        _database.ReadAsync(db => RelayedDownload.FindOperationAsync(db, eid, session.Server), ct);

    /// <summary>The code that the operator gave with the operation: the eIM computes hashCc then, for IPAs that have no code (SGP.32 5.14.3).</summary>
    private async ValueTask<ConfirmationCode?> ConfirmationCodeAsync(Device device)
    {
        if (device is not { Eid: { } eid, OperationId: { } operationId })
        {
            return null;
        }

        var stored = await _database.ReadAsync(session => session.ExecuteScalarAsync<byte[]?>(
            "SELECT confirmation_code FROM operation WHERE eid = @Eid AND id = @operationId", new { Eid = eid.ToBytes(), operationId })).ConfigureAwait(false);
        return stored is null ? null : _secrets.UnprotectConfirmation(new Guid(operationId, bigEndian: true), stored);
    }

    /// <summary>ESipa's number of a refusal. Only v1.3 has one for an order that has expired; to older IPAs there is no eligible profile.</summary>
    private async ValueTask<AuthenticateClientErrorEsipa> ErrorOfAsync(StatusCode? refusal, Device device)
    {
        if (refusal is not { } code)
        {
            return AuthenticateClientErrorEsipa.UndefinedError;
        }

        return code != StatusCodes.OrderExpired ? (AuthenticateClientErrorEsipa)(int)Es9PlusErrors.AuthenticateClientError(code)
            : await _versions.IsV13Async(device.Caller, device.Eid).ConfigureAwait(false) ? AuthenticateClientErrorEsipa.DownloadOrderExpired
            : AuthenticateClientErrorEsipa.NoEligibleProfile;
    }

    /// <summary>Null where the SM-DP+'s answer is malformed; the caller says what follows.</summary>
    private static T? TryRead<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (ProtocolException)
        {
            return null;
        }
    }

    private static AuthenticateClientResponseEsipa.Failed Failed(AuthenticateClientErrorEsipa error) => new(error);

    /// <summary>Who has authenticated; without a key for an eUICC that reports an error instead.</summary>
    private sealed record Device(Eid? Eid, byte[]? OperationId, byte[]? Key, EsipaCaller Caller)
    {
        /// <summary>BF22 as the eUICC has signed it.</summary>
        public ReadOnlyMemory<byte> EuiccInfo2 { get; init; }
    }
}

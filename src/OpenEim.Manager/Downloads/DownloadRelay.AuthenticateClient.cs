using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Packages;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Downloads;

public sealed partial class DownloadRelay
{
    private const uint Authenticate = 0xBF3B;

    /// <summary>ESipa AuthenticateClient (SGP.32 5.14.3). The eIM checks the eUICC's certificates and signature too, because nothing else tells who asks.</summary>
    /// <param name="request">The decoded request.</param>
    /// <param name="received">The bytes of the request.</param>
    /// <param name="caller">The sender.</param>
    /// <param name="ct">Ends when the sender stops waiting.</param>
    /// <exception cref="ProtocolException">The eUICC's answer is malformed.</exception>
    public async Task<byte[]> AuthenticateClientAsync(
        AuthenticateClientRequestEsipa request, ReadOnlyMemory<byte> received, EsipaCaller? caller = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var hash = RelayAnswers.HashOf(received);
        if (await _answers.FindAsync(hash, ct).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        if (await FindSessionAsync(request.TransactionId, ct).ConfigureAwait(false) is not { } session)
        {
            return AuthenticateError(AuthenticateClientErrorEsipa.InvalidTransactionId);
        }

        var response = BerMessage.Decode<AuthenticateServerResponse>(request.AuthenticateServerResponse);
        var device = new Device(session.KnownEid, session.OperationId, null, caller ?? EsipaCaller.Unknown);
        if (response.Ok is not { } ok)
        {
            hash = RelayAnswers.HashOfReport(Authenticate, request.TransactionId);
        }
        else
        {
            var (error, reason) = Check(ok, request.TransactionId, session, out var eid, out var key);
            if (error is { } refusal)
            {
                Distrust(request.TransactionId, "AuthenticateClient", DistrustOf(refusal), reason);
                return AuthenticateError(refusal);
            }

            var operation = session.OperationId
                ?? await _database.ReadAsync(db => RelayedDownload.FindOperationAsync(db, eid!.Value, session.Server), ct).ConfigureAwait(false);
            if (operation is null)
            {
                LogStopped(request.TransactionId, "AuthenticateClient", "this eUICC has no download from there");
                return AuthenticateError(AuthenticateClientErrorEsipa.InvalidTransactionId);
            }

            device = device with { Eid = eid, OperationId = operation, Key = key, EuiccInfo2 = ok.ReadSigned().EuiccInfo2 };
        }

        return await _answers.OnceAsync(hash, () => AuthenticateAsync(hash, session, device, request, response.Error), ct).ConfigureAwait(false)
            ?? AuthenticateError(AuthenticateClientErrorEsipa.UndefinedError);
    }

    private async Task<byte[]> AuthenticateAsync(
        byte[] hash, RelaySession session, Device device, AuthenticateClientRequestEsipa request, AuthenticateResponseError? cardError)
    {
        var answer = await _parts.Es9Plus.AuthenticateClientAsync(
            session.Server, request.TransactionId, request.AuthenticateServerResponse, CancellationToken.None).ConfigureAwait(false);
        LogRelayed(request.TransactionId, session.Server, "AuthenticateClient", answer.Refusal);
        if (answer.Trouble is { } trouble && cardError is not null && MayBeProvoked(trouble))
        {
            return AuthenticateError(AuthenticateClientErrorEsipa.UndefinedError);
        }

        if (answer.Trouble is { } seen)
        {
            return await TroubledAsync(Authenticate, (int)AuthenticateClientErrorEsipa.UndefinedError, session, seen).ConfigureAwait(false);
        }

        var eid = device.Eid?.ToBytes();
        if (answer.Value is not { } ok)
        {
            return await ConcludeAsync(
                hash,
                RelayMessages.Error(Authenticate, await ErrorOfAsync(answer.Refusal, device).ConfigureAwait(false)),
                eid,
                device.OperationId,
                cardError is null ? Refused(answer.Refusal) : Reported(DownloadError.ServerRefused(cardError.Code))).ConfigureAwait(false);
        }

        if (device.Key is null || Metadata(ok) is not { } metadata)
        {
            return await TroubledAsync(Authenticate, (int)AuthenticateClientErrorEsipa.UndefinedError, session, SmdpTrouble.Malformed).ConfigureAwait(false);
        }

        var demandsCode = DemandsConfirmationCode(ok);
        var code = demandsCode ? await ConfirmationCodeAsync(device).ConfigureAwait(false) : null;
        var hashCc = code is null ? null : ConfirmationCodeHash.Compute(code.Text, request.TransactionId);
        return await ConcludeAsync(hash, RelayMessages.Authenticated(ok, hashCc), eid, device.OperationId, async (euicc, operation) =>
        {
            await session.AuthenticatedAsync(euicc.Session, euicc.EidBytes, operation.Id, device.Key, ok).ConfigureAwait(false);
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
                // A device without a code cancels the session. Its signed reason does not mention the code.
                await OperationEngine.RememberAsync(euicc, operation, DownloadError.ConfirmationCodeDemanded).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>The confirmation code that came with the operation, if any. The eIM computes hashCc from it, because IPAs have no code (SGP.32 5.14.3).</summary>
    private async ValueTask<ConfirmationCode?> ConfirmationCodeAsync(Device device)
    {
        if (device is not { Eid: { } eid, OperationId: { } operationId })
        {
            return null;
        }

        var stored = await _database.ReadAsync(session => session.ExecuteScalarAsync<byte[]?>(
            "SELECT confirmation_code FROM operation WHERE eid = @Eid AND id = @operationId", new { Eid = eid.ToBytes(), operationId })).ConfigureAwait(false);
        return stored is null ? null : _parts.Secrets.UnprotectConfirmation(new Guid(operationId, bigEndian: true), stored);
    }

    /// <summary>ESipa's number of a refusal. Only v1.3 has one for an expired order. Older IPAs get noEligibleProfile.</summary>
    private async ValueTask<int> ErrorOfAsync(StatusCode? refusal, Device device)
    {
        if (refusal is not { } code)
        {
            return (int)AuthenticateClientErrorEsipa.UndefinedError;
        }

        return code != StatusCodes.OrderExpired ? (int)Es9PlusErrors.AuthenticateClientError(code)
            : await SpeaksV13Async(device.Caller, device.Eid).ConfigureAwait(false) ? (int)AuthenticateClientErrorEsipa.DownloadOrderExpired
            : (int)AuthenticateClientErrorEsipa.NoEligibleProfile;
    }

    private async ValueTask<bool> SpeaksV13Async(EsipaCaller caller, Eid? eid) => caller.SpeaksV13
        || (eid is { } known && (SpokenVersion?)await _database.ReadAsync(session => session.ExecuteScalarAsync<int?>(
            "SELECT sgp32_version FROM euicc WHERE eid = @Eid", new { Eid = known.ToBytes() })).ConfigureAwait(false) == SpokenVersion.V13);

    private (AuthenticateClientErrorEsipa? Error, string Reason) Check(
        AuthenticateResponseOk ok, TransactionId id, RelaySession session, out Eid? eid, out byte[]? key)
    {
        (eid, key) = (null, null);
        var now = _time.GetUtcNow();
        var signed = ok.ReadSigned();
        if (signed.TransactionId != id)
        {
            return (AuthenticateClientErrorEsipa.InvalidTransactionId, "the eUICC has signed another transaction");
        }

        var eumCertificate = RspCertificate.Parse(ok.EumCertificate);
        var eum = _trust.VerifyEum(eumCertificate, now);
        if (!eum.IsTrusted)
        {
            return (ErrorOf(eum.Error, AuthenticateClientErrorEsipa.EumCertificateInvalid, AuthenticateClientErrorEsipa.EumCertificateExpired), eum.Reason);
        }

        var euicc = _trust.VerifyEuicc(RspCertificate.Parse(ok.EuiccCertificate), eumCertificate, session.KnownEid, now);
        if (euicc.PublicKey is not { } publicKey)
        {
            return (ErrorOf(euicc.Error, AuthenticateClientErrorEsipa.EuiccCertificateInvalid, AuthenticateClientErrorEsipa.EuiccCertificateExpired), euicc.Reason);
        }

        if (!publicKey.Verify(ok.SignedData.Span, ok.Signature.Span))
        {
            return (AuthenticateClientErrorEsipa.EuiccSignatureInvalid, "the eUICC's signature does not verify");
        }

        (eid, key) = (euicc.Eid, publicKey.ToSubjectPublicKeyInfo());
        return (null, "");
    }

    private static Distrust DistrustOf(AuthenticateClientErrorEsipa error) => error switch
    {
        AuthenticateClientErrorEsipa.EuiccSignatureInvalid => Telemetry.Distrust.Signature,
        AuthenticateClientErrorEsipa.InvalidTransactionId => Telemetry.Distrust.Content,
        _ => Telemetry.Distrust.Certificate,
    };

    private static AuthenticateClientErrorEsipa ErrorOf(ChainError error, AuthenticateClientErrorEsipa invalid, AuthenticateClientErrorEsipa expired) => error switch
    {
        ChainError.UntrustedCi => AuthenticateClientErrorEsipa.CiPkUnknown,
        ChainError.EidMismatch => AuthenticateClientErrorEsipa.EidMismatch,
        ChainError.Expired => expired,
        _ => invalid,
    };

    private static StoreMetadataRequest? Metadata(AuthenticateClientOk ok)
    {
        try
        {
            return ok.ReadProfileMetadata();
        }
        catch (ProtocolException)
        {
            // The calling method reports a malformed answer of the SM-DP+.
            return null;
        }
    }

    private static bool DemandsConfirmationCode(AuthenticateClientOk ok)
    {
        try
        {
            return BerMessage.Decode<SmdpSigned2>(ok.SmdpSigned2).ConfirmationCodeRequired;
        }
        catch (ProtocolException)
        {
            // The eUICC gets it unchanged and rejects it itself.
            return false;
        }
    }

    /// <summary>Remembers an unsigned error of the card. It becomes the reason if something else ends the download as failed.</summary>
    private static Func<LockedEuicc, OperationRow, ValueTask> Reported(OperationError error) =>
        (euicc, operation) => OperationEngine.RememberAsync(euicc, operation, error);

    private static byte[] AuthenticateError(AuthenticateClientErrorEsipa error) => RelayMessages.Error(Authenticate, (int)error);

    /// <summary>The eUICC that sends the message. It has no key here when it reports an error instead of authenticating itself.</summary>
    private sealed record Device(Eid? Eid, byte[]? OperationId, byte[]? Key, EsipaCaller Caller)
    {
        /// <summary>EUICCInfo2 (BF22) as the eUICC signed it.</summary>
        public ReadOnlyMemory<byte> EuiccInfo2 { get; init; }
    }
}

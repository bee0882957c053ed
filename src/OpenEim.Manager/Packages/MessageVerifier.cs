using System.Globalization;
using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Manager.Packages;

/// <summary>Checks every signature of a message before anything is locked, and stops each list of parts at the first one that does not verify.</summary>
/// <remarks>So a stranger's message costs a few signatures however long it is, and one line of log, and no transaction.</remarks>
internal sealed partial class MessageVerifier(
    Database database, EimIdentity identity, RspTrust trust, ExchangeStore exchanges, EimOptions options, EimTelemetry telemetry, TimeProvider time, ILogger<MessageVerifier> logger)
{
    private const string BadSignature = "its signature does not verify with the eUICC's key";

    /// <summary>Checks one message.</summary>
    /// <returns>Null when nobody has registered the EID.</returns>
    public async ValueTask<Evidence?> VerifyAsync(Eid eid, EimPackageResult message, EsipaCaller caller, CancellationToken ct)
    {
        if (await database.ReadRowAsync(EuiccKeys.ByEid, eid.ToBytes(), ct).ConfigureAwait(false) is not { } keys)
        {
            return null;
        }

        using var span = telemetry.Start("verify signature", eid);
        var evidence = new Evidence(keys);
        if (keys.PublicKey is { } stored && await HeldAgainstAsync(eid, stored, ct).ConfigureAwait(false) is { } held)
        {
            evidence.Refusals.Add(new Refusal(Distrust.Certificate, "data", held));
            Report(eid, evidence);
            return evidence;
        }

        var data = message.DataResponse as IpaEuiccData;
        if (data is not null)
        {
            VerifyCertificates(eid, data, evidence);
        }

        var key = evidence.ProvedKey ?? (keys.PublicKey is { } known ? ResultVerifier.KeyOf(known) : null);
        if (message.PackageResult is { } result)
        {
            await VerifyResultsAsync(eid, key, [result, .. message.ResultsOfV10 ?? []], evidence, ct).ConfigureAwait(false);
        }

        await VerifyResultsAsync(eid, key, data?.PackageResults ?? [], evidence, ct).ConfigureAwait(false);
        VerifyNotifications(eid, key, message.Notifications ?? data?.Notifications ?? [], evidence);
        if (message.DownloadResult?.InstallationResult is { } installation)
        {
            VerifyNotifications(eid, key, [installation], evidence);
        }

        evidence.IsAwaited = !evidence.ProvesAnything && await IsAwaitedAsync(eid, keys, message, caller, ct).ConfigureAwait(false);
        span?.SetTag("openeim.verified", evidence.ProvesAnything);
        Report(eid, evidence);
        return evidence;
    }

    /// <summary>Why a key that was believed at first contact is not believed now. That its certificates have expired since is no reason.</summary>
    private async ValueTask<string?> HeldAgainstAsync(Eid eid, byte[] key, CancellationToken ct)
    {
        var revocations = trust.Revocations;
        if (!revocations.HoldAnything)
        {
            return null;
        }

        if (revocations.Quarantine.Holds(eid, key))
        {
            return "the eUICC is in quarantine";
        }

        return await database.ReadRowAsync(EuiccCertificates.ByEid, eid.ToBytes(), ct).ConfigureAwait(false) is { Euicc: { } euicc, Eum: { } eum }
            ? trust.HeldAgainst(euicc, eum, key)?.Reason
            : null;
    }

    private void VerifyCertificates(Eid eid, IpaEuiccData data, Evidence evidence)
    {
        if (data.EuiccCertificate is not { } euicc || data.EumCertificate is not { } eum)
        {
            return;
        }

        telemetry.Verifying("certificate");
        var chain = trust.VerifyEuicc(euicc, eum, eid, time.GetUtcNow());
        if (chain.IsTrusted)
        {
            evidence.ProvedKey = chain.PublicKey;
            return;
        }

        evidence.CertificatesRefused = chain.Reason;
        evidence.Refusals.Add(new Refusal(Distrust.Certificate, "data", $"the certificates in its data are not trusted: {chain.Reason}"));
    }

    private async ValueTask VerifyResultsAsync(
        Eid eid, EcPublicKey? key, IReadOnlyList<EuiccPackageResult> results, Evidence evidence, CancellationToken ct)
    {
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i] is not SignedPackageResult signed)
            {
                continue;
            }

            if (signed.EimId != identity.EimId)
            {
                Refuse(signed, Distrust.OtherEim, "it answers another eIM");
            }
            else if (key is null)
            {
                Refuse(signed, Distrust.UnknownKey, "the eUICC's certificate is not known yet");
            }
            else if (await ProveAsync(eid, key, evidence.Keys, signed, ct).ConfigureAwait(false) is { } proof)
            {
                evidence.Add(signed, proof);
            }
            else
            {
                Refuse(signed, Distrust.Signature, BadSignature);
                evidence.Skipped += results.Count - i - 1;
                return;
            }
        }

        void Refuse(SignedPackageResult signed, Distrust why, string reason) =>
            evidence.Refusals.Add(new Refusal(why, "result", $"a package result with counter {signed.CounterValue} was refused: {reason}"));
    }

    /// <summary>Tries the rule of SGP.32 v1.1 and later with each token that may be right, then that of v1.0, which needs the package that is answered.</summary>
    private async ValueTask<ResultProof?> ProveAsync(Eid eid, EcPublicKey key, EuiccKeys keys, SignedPackageResult signed, CancellationToken ct)
    {
        telemetry.Verifying("result");
        if (ResultVerifier.Verifies(key, keys.AssociationToken, signed))
        {
            return new ResultProof(SignatureRule.AssociationToken, keys.AssociationToken);
        }

        if (keys.ClaimedToken is { } claimed)
        {
            telemetry.Verifying("result");
            if (ResultVerifier.Verifies(key, claimed, signed))
            {
                return new ResultProof(SignatureRule.AssociationToken, claimed);
            }
        }

        var exchange = await database.ReadAsync(
            session => exchanges.FindAsync(session, eid.ToBytes(), signed.TransactionId, signed.CounterValue), ct).ConfigureAwait(false);
        if (exchange is not { Kind: ExchangeKind.EuiccPackage })
        {
            return null;
        }

        telemetry.Verifying("result");
        return ResultVerifier.VerifiesAsV10(key, exchange.Request, signed) ? new ResultProof(SignatureRule.EimSignature, null) : null;
    }

    private void VerifyNotifications(Eid eid, EcPublicKey? key, IReadOnlyList<PendingNotification> notifications, Evidence evidence)
    {
        OtherSignedNotification? trusted = null;
        EcPublicKey? trustedKey = null;
        for (var i = 0; i < notifications.Count; i++)
        {
            var notification = notifications[i];
            var refusal = notification switch
            {
                ProfileInstallationResult result => RefusalOf(key, result),
                OtherSignedNotification signed => RefusalOf(eid, signed, ref trusted, ref trustedKey),
                _ => (Distrust.Content, "compact notifications are not offered to IPAs by this eIM"),
            };
            if (refusal is not var (why, reason))
            {
                evidence.Add(notification);
                continue;
            }

            evidence.Refusals.Add(new Refusal(why, "notification", $"a notification was refused: {reason}"));
            if (why is Distrust.Signature or Distrust.Certificate)
            {
                evidence.Skipped += notifications.Count - i - 1;
                return;
            }
        }
    }

    private (Distrust Why, string Reason)? RefusalOf(EcPublicKey? key, ProfileInstallationResult result)
    {
        if (key is null)
        {
            return (Distrust.UnknownKey, "the eUICC's key is not known yet");
        }

        telemetry.Verifying("notification");
        return key.Verify(result.SignedData.Span, result.Signature.Span) ? null : (Distrust.Signature, "its signature does not verify");
    }

    /// <summary>The notifications of one card carry the same certificates, so these are checked once in a row.</summary>
    private (Distrust Why, string Reason)? RefusalOf(
        Eid eid, OtherSignedNotification signed, ref OtherSignedNotification? trusted, ref EcPublicKey? trustedKey)
    {
        if (trusted is null
            || !signed.EuiccCertificate.Span.SequenceEqual(trusted.EuiccCertificate.Span)
            || !signed.EumCertificate.Span.SequenceEqual(trusted.EumCertificate.Span))
        {
            telemetry.Verifying("certificate");
            var chain = trust.VerifyEuicc(signed.EuiccCertificate, signed.EumCertificate, eid, time.GetUtcNow());
            if (!chain.IsTrusted)
            {
                return (Distrust.Certificate, chain.Reason);
            }

            (trusted, trustedKey) = (signed, chain.PublicKey);
        }

        telemetry.Verifying("notification");
        return trustedKey!.Verify(signed.SignedData.Span, signed.Signature.Span) ? null : (Distrust.Signature, "its signature does not verify");
    }

    /// <summary>Whether a message that proves nothing answers an exchange that is open and not held back from the caller: only then may it hold or land that.</summary>
    private async ValueTask<bool> IsAwaitedAsync(Eid eid, EuiccKeys keys, EimPackageResult message, EsipaCaller caller, CancellationToken ct)
    {
        var key = eid.ToBytes();
        var counter = (message.PackageResult as SignedPackageResult)?.CounterValue;
        var id = MessageOrigin.TransactionOf(message)?.ToBytes() ?? (counter is null ? keys.InFlight : null);
        if ((id is null && counter is null) || message is { PackageResult: null, DataResponse: null, DownloadResult: null, Error: null })
        {
            return false;
        }

        var exchange = await database.ReadAsync(
            session => id is null ? exchanges.FindAsync(session, key, null, counter!.Value) : exchanges.FindAsync(session, key, id), ct).ConfigureAwait(false);
        return exchange is { Answered: null } && !Pollers.Parse(exchange.Pollers).IsHeld(caller, time.GetUtcNow().ToUnixTimeMilliseconds(), options);
    }

    private void Report(Eid eid, Evidence evidence)
    {
        foreach (var refusal in evidence.Refusals)
        {
            telemetry.Distrusted(refusal.Part, ExchangeTags.Of(refusal.Why));
        }

        if (evidence.Refusals is not [var first, ..])
        {
            return;
        }

        var others = evidence.Refusals.Count + evidence.Skipped - 1;
        LogRefused(eid, others == 0 ? first.Sentence : string.Create(CultureInfo.InvariantCulture, $"{first.Sentence}; {others} more parts of the message are not believed either"));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: {Refusal}")]
    private partial void LogRefused(Eid eid, string refusal);
}

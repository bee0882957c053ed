using Microsoft.Extensions.Logging;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Manager.Packages;

/// <summary>Takes in what devices bring: first every signature is checked, without a lock; then what was proved is stored, under the lock of the eUICC's row.</summary>
internal sealed partial class MessageIntake(
    Database database, MessageVerifier verifier, ResultIntake results, UnprovedAnswers unproved, DataIntake data, DownloadIntake downloads, UnreadableContent unreadable,
    EimTelemetry telemetry, TimeProvider time, ILogger<MessageIntake> logger)
{
    // The eUICC's key or token changes once in its life; a message that meets this is checked anew.
    private const int Rounds = 3;

    private static readonly ProvideEimPackageResultResponse Nothing = new(Acknowledgements: null);
    private static readonly ProvideEimPackageResultResponse NotBelieved = new(null, ProvideEimPackageResultError.UndefinedError);

    /// <summary>Takes a message in.</summary>
    /// <param name="eid">Which eUICC it says it comes from.</param>
    /// <param name="message">What it holds.</param>
    /// <param name="caller">Where it comes from.</param>
    /// <param name="ct">The caller's patience.</param>
    /// <returns>What is stored by now, or was before.</returns>
    public async Task<ProvideEimPackageResultResponse> TakeAsync(Eid eid, EimPackageResult message, EsipaCaller caller, CancellationToken ct)
    {
        using var span = telemetry.Start("take in result", eid);
        for (var round = 0; round < Rounds; round++)
        {
            if (await verifier.VerifyAsync(eid, message, caller, ct).ConfigureAwait(false) is not { } evidence)
            {
                LogUnknownEid(eid);
                return new ProvideEimPackageResultResponse(null, ProvideEimPackageResultError.EidNotFound);
            }

            if (!evidence.Matters)
            {
                return evidence.Refusals.Count == 0 ? Nothing : NotBelieved;
            }

            if (await database.WriteTogetherAsync(eid.ToBytes(), session => TakeAsync(session, eid, message, caller, evidence), ct).ConfigureAwait(false) is { } answer)
            {
                return answer;
            }
        }

        LogRestless(eid);
        return NotBelieved;
    }

    /// <returns>Null when the evidence no longer holds.</returns>
    private async ValueTask<ProvideEimPackageResultResponse?> TakeAsync(
        DbSession session, Eid eid, EimPackageResult message, EsipaCaller caller, Evidence evidence)
    {
        if (await LockedEuicc.LockAsync(session, eid, time.GetUtcNow().ToUnixTimeMilliseconds(), caller).ConfigureAwait(false) is not { } euicc)
        {
            LogUnknownEid(eid);
            return new ProvideEimPackageResultResponse(null, ProvideEimPackageResultError.EidNotFound);
        }

        if (!evidence.StillHolds(euicc))
        {
            return null;
        }

        if (evidence.ProvesAnything || evidence.ProvedKey is not null)
        {
            euicc.Version = VersionSigns.Of(euicc.Version, message, caller, evidence.HasOldSignature);
        }

        var (believed, acknowledged) = await TakeArmAsync(euicc, message, evidence).ConfigureAwait(false);
        foreach (var result in message.ResultsOfV10 ?? [])
        {
            acknowledged.AddRange((await results.TakeAsync(euicc, result, evidence).ConfigureAwait(false)).Acknowledged is { } number ? [number] : []);
        }

        acknowledged.AddRange(await downloads.TakeNotificationsAsync(euicc, message.Notifications, evidence).ConfigureAwait(false));
        await unreadable.KeepAsync(euicc, evidence.Unreadable()).ConfigureAwait(false);
        await euicc.SaveAsync().ConfigureAwait(false);
        return acknowledged.Count > 0 ? new ProvideEimPackageResultResponse(new EimAcknowledgements([.. acknowledged.Distinct()])) : believed ? Nothing : NotBelieved;
    }

    private async ValueTask<(bool Believed, List<long> Acknowledged)> TakeArmAsync(LockedEuicc euicc, EimPackageResult message, Evidence evidence)
    {
        if (message.PackageResult is { } package)
        {
            var intake = await results.TakeAsync(euicc, package, evidence).ConfigureAwait(false);
            return (intake.Believed, intake.Acknowledged is { } number ? [number] : []);
        }

        if (message.DataResponse is { } response)
        {
            return await data.TakeAsync(euicc, response, evidence).ConfigureAwait(false);
        }

        if (message.Error is { } error)
        {
            await unproved.HoldAsync(euicc, error).ConfigureAwait(false);
            return (true, []);
        }

        if (message.DownloadResult is not { } result)
        {
            return (true, []);
        }

        var download = await downloads.TakeAsync(euicc, result, evidence).ConfigureAwait(false);
        return (download.Believed, download.Acknowledged is { } stored ? [stored] : []);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid} is not registered here")]
    private partial void LogUnknownEid(Eid eid);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: its key or token changed each time while a message was checked; the device will bring it again")]
    private partial void LogRestless(Eid eid);
}

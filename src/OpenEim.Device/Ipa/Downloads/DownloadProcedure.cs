using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using OpenEim.Device.Ipa.Card;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa.Downloads;

/// <summary>Answers ProfileDownloadTrigger, BF54 (SGP.32 3.2.3): one download for one trigger, however often it comes and whenever the power goes.</summary>
internal sealed class DownloadProcedure(
    Eid eid,
    EuiccFunctions card,
    Modem modem,
    EimConnections connections,
    IpaMemory memory,
    ResultDelivery delivery,
    EimMessages messages,
    IpaOptions options,
    TimeProvider time,
    ILogger logger)
{
    private const uint Function = 0xBF54;
    private const int UndefinedError = 127;
    private const int MaxResponse = 4096;

    private readonly ProfileDownload _download = new(eid, card, options, logger);

    /// <summary>Called when the card has installed a profile, or has not, and nothing has been reported yet.</summary>
    public Action? Loaded { get; init; }

    /// <summary>Delivers what a download has ended with before the power or the network went. The first step of a poll.</summary>
    /// <exception cref="EsipaException">The eIM was not reached.</exception>
    public async Task RecoverAsync(EimSession session, CancellationToken cancellationToken)
    {
        if (memory.State.Download is not { IsDelivered: false } download || download.EimId != session.Eim.EimId)
        {
            return;
        }

        if (download.Answer is null && FindOnCard(download) is { } result)
        {
            download = Remember(download with { Answer = Answer(download, result) });
        }

        if (download.Answer is not null)
        {
            await DeliverAsync(session, download, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Downloads, and tells the eIM and the SM-DP+ how that ended.</summary>
    /// <exception cref="EsipaException">The eIM was not reached: it gives the trigger again.</exception>
    public async Task AnswerAsync(EimSession session, ReadOnlyMemory<byte> encoded, CancellationToken cancellationToken)
    {
        var trigger = BerMessage.Decode<ProfileDownloadTriggerRequest>(encoded);
        var name = Convert.ToHexString(SHA256.HashData(encoded.Span));
        if (memory.State.Download is { Answer: not null } known && known.EimId == session.Eim.EimId && known.Trigger == name && StillTrue(known))
        {
            IpaLog.AlreadyDownloaded(logger, eid);
            await DeliverAsync(session, known, cancellationToken).ConfigureAwait(false);
            return;
        }

        var download = Remember(new PendingDownload(session.Eim.EimId, name, trigger.TransactionId?.ToString()));
        byte[] answer;
        try
        {
            answer = await DownloadAsync(session, trigger, download, cancellationToken).ConfigureAwait(false);
        }
        catch (DownloadException e)
        {
            IpaLog.DownloadFailed(logger, eid, e.Message);
            var response = e.Response.Length is > 0 and <= MaxResponse ? e.Response : Encoding.UTF8.GetBytes(e.Message);
            answer = new ProfileDownloadTriggerResult(trigger.TransactionId, null, UndefinedError, response).Encode();
        }

        download = Remember(memory.State.Download! with { Answer = Convert.ToHexString(answer) });
        await DeliverAsync(session, download, cancellationToken).ConfigureAwait(false);
    }

    private async Task<byte[]> DownloadAsync(
        EimSession session, ProfileDownloadTriggerRequest trigger, PendingDownload download, CancellationToken cancellationToken)
    {
        var indirect = GoesThroughEim(session);
        var source = Source(trigger, indirect);
        IpaLog.DownloadTriggered(logger, eid, session.Eim.EimId, indirect ? "indirect" : "direct");
        using var route = Route(session, source, indirect, trigger.TransactionId);
        var result = await _download.RunAsync(
            route,
            source,
            transaction => Remember(download with { SmdpTransactionId = transaction.ToString() }),
            cancellationToken).ConfigureAwait(false);
        Loaded?.Invoke();
        session.MayHavePending = true;
        if (result.IsSuccess)
        {
            IpaLog.Installed(logger, eid, Convert.ToHexString(result.Iccid.Span));
            EnableAtOnce();
        }
        else
        {
            IpaLog.InstallationFailed(logger, eid, result.Failure.Reason, result.Failure.Command);
        }

        return Answer(trigger.TransactionId, result);
    }

    /// <summary>Immediate profile enabling (SGP.32 3.2.4): the card does it where an eIM has configured it, and refuses otherwise.</summary>
    private void EnableAtOnce()
    {
        if (!options.ImmediateEnable)
        {
            return;
        }

        // Remembered before it happens, as with the fallback: a switch that nobody hears of must not be.
        var before = memory.State;
        memory.Save(before with { PendingCause = StateChangeCause.ImmediateEnableProfile });
        var code = card.ImmediateEnable();
        IpaLog.ImmediateEnabling(logger, eid, code);
        if (code == 0)
        {
            modem.Reconnect();
        }
        else
        {
            memory.Save(before);
        }
    }

    /// <summary>The eIM's configuration decides; an IPA that knows only one way goes that way.</summary>
    private bool GoesThroughEim(EimSession session)
    {
        if (IsV10)
        {
            return true;
        }

        var direct = options.Capabilities.Features.HasFlag(IpaFeatures.DirectRspServerCommunication);
        var indirect = options.Capabilities.Features.HasFlag(IpaFeatures.IndirectRspServerCommunication);
        return (direct, indirect) switch
        {
            (false, false) => throw new DownloadException("this IPA downloads no profiles"),
            (true, true) => session.Eim.IndirectProfileDownload,
            _ => indirect,
        };
    }

    private DownloadSource Source(ProfileDownloadTriggerRequest trigger, bool indirect)
    {
        if (trigger.ActivationCode is { } text)
        {
            return ActivationCode.TryParse(text, out var code)
                ? new DownloadSource(code.Address, code.MatchingId, code.SmdpOid)
                : throw new DownloadException("the activation code cannot be read");
        }

        if (trigger.ContactDefaultSmdp)
        {
            return SmdpAddress.TryParse(card.GetConfiguredAddresses().DefaultSmdp, out var address)
                ? new DownloadSource(address, "", null)
                : throw new DownloadException("the card has no default SM-DP+");
        }

        // Without data the eIM knows the SM-DP+ and what to say to it (SGP.32 3.2.3.2).
        return !trigger.ContactSmds && indirect
            ? new DownloadSource(null, "", null)
            : throw new DownloadException("this IPA knows no SM-DS");
    }

    private IDownloadRoute Route(EimSession session, DownloadSource source, bool indirect, TransactionId? trigger)
    {
        if (indirect)
        {
            return new IndirectRoute(session, source.Address, trigger, messages, options);
        }

        try
        {
            return new DirectRoute(source.Address!.Value, connections, modem, options, time, logger);
        }
        catch (EsipaException e)
        {
            throw new DownloadException(e.Message, e);
        }
    }

    /// <summary>Tells the SM-DP+ of an installation, then the eIM. What only one of them hears stays on the card for the other.</summary>
    private async Task DeliverAsync(EimSession session, PendingDownload download, CancellationToken cancellationToken)
    {
        var answer = Convert.FromHexString(download.Answer!);
        var result = InstallationIn(answer);
        if (!TellsAtTheEnd(session, result) && result is { SequenceNumber: { } number } && card.PendingNotifications(number).Count > 0)
        {
            await TellSmdpAsync(session, result, number, cancellationToken).ConfigureAwait(false);
        }

        if (!IsV10 && !TellsAtTheEnd(session, result))
        {
            await delivery.ProvideAsync(session, messages.Provide(answer), cancellationToken).ConfigureAwait(false);
        }

        // A success answers the trigger for ever; after a failure the same trigger is a new try.
        memory.Save(memory.State with { Download = result is { IsSuccess: true } ? download with { IsDelivered = true } : null });
        await delivery.DeliverPendingAsync(session, cancellationToken).ConfigureAwait(false);
    }

    private async Task TellSmdpAsync(EimSession session, CardNotification result, long number, CancellationToken cancellationToken)
    {
        try
        {
            if (!SmdpAddress.TryParse(result.Address, out var address))
            {
                return;
            }

            using var route = Route(session, new DownloadSource(address, "", null), GoesThroughEim(session), null);
            await route.HandleNotificationAsync(result.Encoded, cancellationToken).ConfigureAwait(false);
            card.Remove(number);
        }
        catch (Exception e) when (e is EsipaException or DownloadException)
        {
            // It stays on the card, from where the eIM gets it and hands it on.
            IpaLog.SmdpNotTold(logger, eid, "the installation", e.Message);
        }
    }

    /// <summary>In v1.0 the notification is the outcome of a download: nothing else is sent to the eIM.</summary>
    private bool IsV10 => options.Version == Sgp32Version.V10;

    /// <summary>An IPA of v1.3 brings the notification of an indirect download, which is its outcome, when the eIM has no package left.</summary>
    private bool TellsAtTheEnd(EimSession session, CardNotification? result) =>
        result is { IsSuccess: true } && !messages.BundlesNotifications && GoesThroughEim(session);

    private CardNotification? FindOnCard(PendingDownload download) => download.SmdpTransactionId is null
        ? null
        : card.PendingNotifications(kind: NotificationEvents.Install)
            .FirstOrDefault(result => result.IsInstallation && result.TransactionId == download.SmdpTransactionId);

    private static string Answer(PendingDownload download, CardNotification result) =>
        Convert.ToHexString(Answer(TransactionId.TryParse(download.TransactionId, out var id) ? id : null, result));

    /// <summary>BF54 with the card's BF37 as it came.</summary>
    private static byte[] Answer(TransactionId? transaction, CardNotification result) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(Function))
        {
            writer.Transaction(0x82, transaction);
            writer.Raw(result.Encoded.Span);
        }
    });

    private static CardNotification? InstallationIn(ReadOnlyMemory<byte> answer) =>
        Tlv.Find(answer, Function, 0xBF37) is { } result ? new CardNotification(result.Encoded) : null;

    /// <summary>Whether what a trigger ended with still holds: a profile that was deleted since then may be downloaded again.</summary>
    private bool StillTrue(PendingDownload download) =>
        InstallationIn(Convert.FromHexString(download.Answer!)) is not { IsSuccess: true } result
        || result.Iccid.IsEmpty
        || card.HasProfile(result.Iccid);

    private PendingDownload Remember(PendingDownload download)
    {
        memory.Save(memory.State with { Download = download });
        return download;
    }
}

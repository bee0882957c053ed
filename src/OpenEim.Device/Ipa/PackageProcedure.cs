using Microsoft.Extensions.Logging;
using OpenEim.Device.Ipa.Card;
using OpenEim.Device.Ipa.Downloads;
using OpenEim.Device.Transports;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>Takes what an eIM gives, one package after the other, and answers it (SGP.32 3.1).</summary>
internal sealed class PackageProcedure(
    Eid eid,
    IsdrChannel channel,
    EuiccFunctions card,
    Modem modem,
    ResultDelivery delivery,
    DownloadProcedure download,
    EimMessages messages,
    IpaOptions options,
    ILogger logger)
{
    private readonly DataRequest _dataRequest = new(card, options);

    /// <summary>Called when the card has executed a package and nothing has been reported yet.</summary>
    public Action? Executed { get; init; }

    /// <summary>Called when a package may have changed the card's eIMs.</summary>
    public required Action Loaded { get; init; }

    /// <summary>Delivers what waits on the card, then takes packages until the eIM has none.</summary>
    /// <exception cref="EsipaException">The eIM was not reached, or its answer made no sense.</exception>
    /// <exception cref="CardException">The card refused a command.</exception>
    public async Task<PollReport> RunAsync(EimSession session, StateChangeCause? cause, Action told, CancellationToken cancellationToken)
    {
        await download.RecoverAsync(session, cancellationToken).ConfigureAwait(false);
        if (session.MayHavePending)
        {
            await DeliverPendingAsync(session, cancellationToken).ConfigureAwait(false);
        }

        for (var packages = 0; packages < options.MaxPackagesPerProcedure; packages++)
        {
            var answer = await GetAsync(session, packages == 0 ? cause : null, cancellationToken).ConfigureAwait(false);
            if (packages == 0)
            {
                told();
            }

            if (answer.Error is { } error)
            {
                var outcome = Outcome(session, error);
                if (outcome == PollOutcome.Idle)
                {
                    await delivery.DeliverNotificationsAsync(session, cancellationToken).ConfigureAwait(false);
                }

                return new PollReport(outcome, packages);
            }

            await AnswerAsync(session, answer.Package, answer.Tag, cancellationToken).ConfigureAwait(false);
        }

        // An eIM that never ends may be waiting for what comes last.
        await delivery.DeliverNotificationsAsync(session, cancellationToken).ConfigureAwait(false);
        return new PollReport(PollOutcome.Idle, options.MaxPackagesPerProcedure);
    }

    /// <summary>Begins with what waits on the card. An eIM that does not take it may have a package all the same.</summary>
    private async Task DeliverPendingAsync(EimSession session, CancellationToken cancellationToken)
    {
        try
        {
            await delivery.DeliverPendingAsync(session, cancellationToken).ConfigureAwait(false);
        }
        catch (EsipaException e) when (e.Failure is EsipaFailure.Refused && !e.IsTransient)
        {
            IpaLog.ResultNotTaken(logger, eid, session.Eim.EimId, e.Message);
        }
    }

    private async Task<(ReadOnlyMemory<byte> Package, uint Tag, GetEimPackageError? Error)> GetAsync(
        EimSession session, StateChangeCause? cause, CancellationToken cancellationToken)
    {
        if (cause is { } present)
        {
            IpaLog.TellingStateChange(logger, eid, session.Eim.EimId, present);
        }

        var request = messages.GetPackage(cause);
        var answer = await session.Client.SendAsync(request, options.RequestAttempts, cancellationToken).ConfigureAwait(false);
        try
        {
            var outer = new BerReader(answer);
            var inner = outer.Inside(0xBF4F);
            if (inner.NextIs(0x02))
            {
                return (default, 0, (GetEimPackageError)inner.ReadInt32());
            }

            var package = inner.ReadEncoded(out var tag);
            inner.ThrowIfNotEmpty();
            return (package, tag, null);
        }
        catch (ProtocolException e)
        {
            throw new EsipaException(EsipaFailure.Malformed, $"the eIM's answer is no GetEimPackageResponse: {e.Message}", e);
        }
    }

    private PollOutcome Outcome(EimSession session, GetEimPackageError error)
    {
        if (error == GetEimPackageError.NoEimPackageAvailable)
        {
            IpaLog.Idle(logger, eid, session.Eim.EimId);
            return PollOutcome.Idle;
        }

        IpaLog.EimRefuses(logger, eid, session.Eim.EimId, error);
        return PollOutcome.Refused;
    }

    private async Task AnswerAsync(EimSession session, ReadOnlyMemory<byte> package, uint tag, CancellationToken cancellationToken)
    {
        try
        {
            switch (tag)
            {
                case 0xBF51:
                    await LoadAsync(session, package, Signed(package), cancellationToken).ConfigureAwait(false);
                    return;
                case 0xBF52:
                    await AnswerDataRequestAsync(session, BerMessage.Decode<IpaEuiccDataRequest>(package), cancellationToken).ConfigureAwait(false);
                    return;
                case 0xBF54:
                    await download.AnswerAsync(session, package, cancellationToken).ConfigureAwait(false);
                    return;
                default:
                    await RefuseAsync(session, package, EimPackageResultErrorCode.UnknownPackage, $"tag {tag:X}", cancellationToken).ConfigureAwait(false);
                    return;
            }
        }
        catch (ProtocolException e)
        {
            await RefuseAsync(session, package, EimPackageResultErrorCode.InvalidPackageFormat, e.Message, cancellationToken).ConfigureAwait(false);
        }
    }

    private static EuiccPackageSigned Signed(ReadOnlyMemory<byte> package) => BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned();

    private async Task LoadAsync(EimSession session, ReadOnlyMemory<byte> package, EuiccPackageSigned signed, CancellationToken cancellationToken)
    {
        if (options.Version == Sgp32Version.V10 && !PackageV10.Knows(signed.Package))
        {
            // Its decoder fails, it says nothing, and it asks again at once.
            IpaLog.UnknownToV10(logger, eid, signed.CounterValue);
            return;
        }

        if (card.PendingResults().Any(result => IsResultOf(result, signed)))
        {
            IpaLog.AlreadyExecuted(logger, eid, signed.CounterValue);
            await delivery.DeliverPendingAsync(session, cancellationToken).ConfigureAwait(false);
            return;
        }

        IpaLog.Executing(logger, eid, signed.EimId, signed.CounterValue);
        if (Execute(package, signed, out var reason) is { } result)
        {
            await DeliverAsync(session, result, signed, cancellationToken).ConfigureAwait(false);
        }
        else if (options.Version != Sgp32Version.V10)
        {
            await RefuseAsync(session, package, EimPackageResultErrorCode.UndefinedError, reason, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Lets the card run the package.</summary>
    /// <returns>Its result: the answer, or where there is none in it, what the card keeps; null when there is none at all.</returns>
    private CardPackageResult? Execute(ReadOnlyMemory<byte> package, EuiccPackageSigned signed, out string reason)
    {
        CardPackageResult? result = null;
        reason = "the card gave no result";
        try
        {
            result = card.LoadEuiccPackage(package);
        }
        catch (CardException e)
        {
            reason = e.Message;
        }

        Loaded();
        Executed?.Invoke();
        result ??= card.PendingResults().FirstOrDefault(kept => IsResultOf(kept, signed));
        if (result is null)
        {
            IpaLog.NoResult(logger, eid, signed.CounterValue, reason);
        }

        if (channel.RefreshRequested || result is { SwitchesProfile: true } || (result?.Refusal is null && modem.HasToSwitch))
        {
            modem.Reconnect();
        }

        return result;
    }

    private async Task DeliverAsync(EimSession session, CardPackageResult result, EuiccPackageSigned signed, CancellationToken cancellationToken)
    {
        if (result.Refusal is { } refusal)
        {
            IpaLog.CardRefused(logger, eid, signed.CounterValue, (EuiccPackageErrorCode)refusal);
        }
        else if (result.IsUnsigned)
        {
            IpaLog.CardDoesNotKnowSender(logger, eid, signed.EimId);
        }

        // A refusal has no sequence number: the card does not keep it, so it goes as it came.
        if (result.SequenceNumber is not null)
        {
            await delivery.DeliverPendingAsync(session, cancellationToken, result).ConfigureAwait(false);
        }
        else
        {
            await delivery.ProvideAsync(session, result, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsResultOf(CardPackageResult result, EuiccPackageSigned package) => result.EimId == package.EimId
        && result.SequenceNumber is not null
        && result.Counter == package.CounterValue
        && result.TransactionId == package.TransactionId?.ToString();

    private async Task AnswerDataRequestAsync(EimSession session, IpaEuiccDataRequest request, CancellationToken cancellationToken)
    {
        var (answer, error) = _dataRequest.Answer(request, session.Eim.EimId);
        IpaLog.DataRequest(logger, eid, Convert.ToHexString(request.TagList.Span), error?.ToString() ?? "given");
        await delivery.ProvideAsync(session, messages.Provide(answer), cancellationToken).ConfigureAwait(false);
    }

    private async Task RefuseAsync(
        EimSession session, ReadOnlyMemory<byte> package, EimPackageResultErrorCode code, string reason, CancellationToken cancellationToken)
    {
        IpaLog.UnusablePackage(logger, eid, code, reason);
        await delivery.ProvideAsync(session, messages.Error(TransactionOf(package), code), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The eIM's transaction, as far as it can be read: the eIM is told which of its packages it is about.</summary>
    private static TransactionId? TransactionOf(ReadOnlyMemory<byte> package)
    {
        var id = Tlv.Find(package, 0xBF51, 0x30, 0x82) ?? Tlv.Find(package, 0xBF52, 0x83) ?? Tlv.Find(package, 0xBF54, 0x82);
        return id is { Value.Length: >= 1 and <= TransactionId.MaxLength } found ? TransactionId.FromBytes(found.Value.Span) : null;
    }
}

using Microsoft.Extensions.Logging;
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
    IpaOptions options,
    ILogger logger)
{
    private readonly DataRequest _dataRequest = new(card, options);

    /// <summary>Called when the card has executed a package and nothing has been reported yet.</summary>
    public Action<EuiccPackageResult>? Executed { get; init; }

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
            await delivery.DeliverPendingAsync(session, cancellationToken).ConfigureAwait(false);
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
                return new PollReport(Outcome(session, error), packages);
            }

            await AnswerAsync(session, answer.Package, answer.Tag, cancellationToken).ConfigureAwait(false);
        }

        return new PollReport(PollOutcome.Idle, options.MaxPackagesPerProcedure);
    }

    private async Task<(ReadOnlyMemory<byte> Package, uint Tag, GetEimPackageError? Error)> GetAsync(
        EimSession session, StateChangeCause? cause, CancellationToken cancellationToken)
    {
        if (cause is { } present)
        {
            IpaLog.TellingStateChange(logger, eid, session.Eim.EimId, present);
        }

        var request = new GetEimPackageRequest(eid, cause is not null, cause).Encode();
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
                    await RefuseAsync(session, EimPackageResultErrorCode.UnknownPackage, $"tag {tag:X}", cancellationToken).ConfigureAwait(false);
                    return;
            }
        }
        catch (ProtocolException e)
        {
            await RefuseAsync(session, EimPackageResultErrorCode.InvalidPackageFormat, e.Message, cancellationToken).ConfigureAwait(false);
        }
    }

    private static EuiccPackageSigned Signed(ReadOnlyMemory<byte> package) => BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned();

    private async Task LoadAsync(EimSession session, ReadOnlyMemory<byte> package, EuiccPackageSigned signed, CancellationToken cancellationToken)
    {
        if (card.PendingResults().Any(result => IsResultOf(result, signed)))
        {
            IpaLog.AlreadyExecuted(logger, eid, signed.CounterValue);
            await delivery.DeliverPendingAsync(session, cancellationToken).ConfigureAwait(false);
            return;
        }

        IpaLog.Executing(logger, eid, signed.EimId, signed.CounterValue);
        var result = card.LoadEuiccPackage(package);
        Loaded();
        Executed?.Invoke(result);
        if (channel.RefreshRequested || ResultDelivery.SwitchesProfile(result))
        {
            modem.Reconnect();
        }

        switch (result)
        {
            case EuiccPackageErrorSigned refused:
                IpaLog.CardRefused(logger, eid, signed.CounterValue, refused.Code ?? EuiccPackageErrorCode.UndefinedError);
                break;
            case EuiccPackageErrorUnsigned:
                IpaLog.CardDoesNotKnowSender(logger, eid, signed.EimId);
                break;
            default:
                await delivery.DeliverPendingAsync(session, cancellationToken).ConfigureAwait(false);
                return;
        }

        // A refusal has no sequence number: the card does not keep it, so it goes as it came.
        await delivery.ProvideAsync(session, new EimPackageResult(result), cancellationToken).ConfigureAwait(false);
    }

    private static bool IsResultOf(EuiccPackageResult result, EuiccPackageSigned package) => result is EuiccPackageResultSigned signed
        && signed.EimId == package.EimId
        && signed.CounterValue == package.CounterValue
        && signed.TransactionId == package.TransactionId;

    private async Task AnswerDataRequestAsync(EimSession session, IpaEuiccDataRequest request, CancellationToken cancellationToken)
    {
        var answer = _dataRequest.Answer(request, session.Eim.EimId);
        IpaLog.DataRequest(
            logger, eid, Convert.ToHexString(request.TagList.Span), answer is IpaEuiccDataError error ? error.Code.ToString() : "given");
        await delivery.ProvideAsync(session, new EimPackageResult(DataResponse: answer), cancellationToken).ConfigureAwait(false);
    }

    private async Task RefuseAsync(EimSession session, EimPackageResultErrorCode code, string reason, CancellationToken cancellationToken)
    {
        IpaLog.UnusablePackage(logger, eid, code, reason);
        var answer = new EimPackageResult(Error: new EimPackageResultError(null, code));
        await delivery.ProvideAsync(session, answer, cancellationToken).ConfigureAwait(false);
    }
}

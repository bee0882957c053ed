using Microsoft.Extensions.Logging;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Esipa;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Nodes;
using OpenEim.Manager.Notifications;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Packages;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Security;
using OpenEim.Storage;

namespace OpenEim.Manager;

/// <summary>The device side of the eIM, put together: what ESipa answers, and what ends the operations of devices that do not poll.</summary>
/// <remarks>Everything that changes one eUICC happens in one transaction that holds its row.</remarks>
public sealed class Eim
{
    /// <summary>Puts it together.</summary>
    /// <param name="database">With the schema of this assembly.</param>
    /// <param name="identity">Who this eIM is.</param>
    /// <param name="trust">The CIs that eUICCs' certificates may lead to.</param>
    /// <param name="transactionIds">The same key on every node.</param>
    /// <param name="euiccIds">Which eUICC those lead to.</param>
    /// <param name="contacts">Where polls are remembered.</param>
    /// <param name="downloads">What downloads need.</param>
    /// <param name="options">How patient the eIM is.</param>
    /// <param name="slices">Whose operations this node looks after.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it is told what happens.</param>
    /// <param name="telemetry">Where it is counted.</param>
    public Eim(
        Database database, EimIdentity identity, RspTrust trust, TransactionIds transactionIds, EuiccIds euiccIds, ContactTimes contacts,
        DownloadParts downloads, EimOptions options, Slices slices, TimeProvider time, ILoggerFactory loggers, EimTelemetry? telemetry = null)
    {
        telemetry ??= EimTelemetry.Unscoped;
        var exchanges = new ExchangeStore(transactionIds);
        var engine = new OperationEngine(options, telemetry, loggers.CreateLogger<OperationEngine>());
        var outcome = new DownloadOutcome(engine, loggers.CreateLogger<DownloadOutcome>());
        var lost = new LostResults(engine, loggers.CreateLogger<LostResults>());

        var held = new HeldPackages(engine, outcome, lost, options, loggers.CreateLogger<HeldPackages>());
        var triggers = new DownloadTriggers(identity, downloads.Secrets, loggers.CreateLogger<DownloadTriggers>());
        var delivery = new PackageDelivery(
            identity, engine, triggers, outcome, held, lost, transactionIds, exchanges, telemetry, loggers.CreateLogger<PackageDelivery>());

        var inbox = new NotificationInbox(loggers.CreateLogger<NotificationInbox>());
        var installations = new DownloadIntake(inbox, outcome, exchanges, options, loggers.CreateLogger<DownloadIntake>());
        var unproved = new UnprovedAnswers(identity, exchanges, options, loggers.CreateLogger<UnprovedAnswers>());
        var results = new ResultIntake(unproved, engine, lost, exchanges, loggers.CreateLogger<ResultIntake>());
        var data = new DataIntake(results, installations, engine, exchanges, options, telemetry, loggers.CreateLogger<DataIntake>());
        var verifier = new MessageVerifier(database, identity, trust, exchanges, options, telemetry, time, loggers.CreateLogger<MessageVerifier>());
        var unreadable = new UnreadableContent(loggers.CreateLogger<UnreadableContent>());
        var intake = new MessageIntake(
            database, verifier, results, unproved, data, installations, unreadable, telemetry, time, loggers.CreateLogger<MessageIntake>());
        var origin = new MessageOrigin(database, transactionIds, euiccIds);

        var provide = new ProvideEimPackageResult(origin, intake, loggers.CreateLogger<ProvideEimPackageResult>());
        var answers = new RelayAnswers(database, downloads.Secrets, time);
        var calls = new RelayedCalls(database, answers, outcome, telemetry, time, loggers.CreateLogger<RelayedCalls>());
        var waiting = new WaitingDownloads(
            database, transactionIds, euiccIds, exchanges, downloads.Secrets, new UnnamedSessions(database, options, time), options);
        var versions = new SpokenVersions(database);
        Esipa = new EsipaFunctions(
            new GetEimPackage(database, delivery, contacts, telemetry, time, loggers.CreateLogger<GetEimPackage>()),
            provide,
            new HandleNotification(origin, intake, provide, loggers.CreateLogger<HandleNotification>()),
            new InitiateAuthentication(identity, calls, downloads.Es9Plus, waiting, outcome, time),
            new AuthenticateClient(database, calls, downloads.Es9Plus, downloads.Secrets, new EuiccAuthentication(trust, time), versions),
            new GetBoundProfilePackage(calls, downloads.Es9Plus, versions),
            new CancelSession(database, calls, downloads.Es9Plus, outcome));
        Expiry = new ExpirySweep(database, engine, slices, time, options.ResultPatience);
    }

    /// <summary>What devices call.</summary>
    public EsipaFunctions Esipa { get; }

    /// <summary>Ends the operations of devices that do not poll.</summary>
    public ExpirySweep Expiry { get; }
}

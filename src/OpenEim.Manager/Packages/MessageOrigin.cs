using OpenEim.Manager.Downloads;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Notifications;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Manager.Packages;

/// <summary>Tells which eUICC a message comes from. It only finds a row; signatures decide what is believed.</summary>
internal sealed class MessageOrigin(Database database, TransactionIds transactionIds, EuiccIds euiccIds)
{
    /// <summary>The EID told; else that of the transaction; else that of a certificate inside; null when nothing tells.</summary>
    public async ValueTask<Eid?> OfAsync(ProvideEimPackageResult message, CancellationToken ct)
    {
        if (message.Eid is { } told)
        {
            return told;
        }

        var result = message.Result;
        if (TransactionOf(result) is { } id && transactionIds.EuiccIdOf(id) is { } euiccId
            && await euiccIds.FindAsync(database, euiccId, ct).ConfigureAwait(false) is { } eid)
        {
            return eid;
        }

        return result.DataResponse is IpaEuiccData { EuiccCertificate: { } certificate }
            ? IdentityClaim.EidOf(certificate)
            : result.DownloadResult?.InstallationResult is { } installation ? await OfAsync(installation, ct).ConfigureAwait(false)
            : result.Notifications?.Select(NotificationInbox.ClaimedEid).FirstOrDefault(claimed => claimed is not null);
    }

    /// <summary>The EID of the certificate inside; an installation result has none, but tells the transaction of a session that we relayed.</summary>
    public async ValueTask<Eid?> OfAsync(PendingNotification notification, CancellationToken ct) => notification is ProfileInstallationResult installation
        ? installation.TransactionId is { } id
            ? (await database.ReadAsync(session => RelaySession.FindAsync(session, id), ct).ConfigureAwait(false))?.KnownEid
            : null
        : NotificationInbox.ClaimedEid(notification);

    /// <summary>The eIM's transaction that a message answers, where it says so.</summary>
    public static TransactionId? TransactionOf(EimPackageResult result) =>
        result.PackageResult?.TransactionId ?? result.DataResponse?.TransactionId ?? result.DownloadResult?.TransactionId ?? result.Error?.TransactionId;
}

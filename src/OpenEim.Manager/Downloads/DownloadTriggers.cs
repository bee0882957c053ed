using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Secrets;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage.Secrets;

namespace OpenEim.Manager.Downloads;

/// <summary>Makes the triggers (BF54) that begin downloads, for IPAs that can download as this eIM is set up.</summary>
internal sealed partial class DownloadTriggers(EimIdentity identity, DownloadSecrets secrets, ILogger<DownloadTriggers> logger)
{
    /// <summary>Why the device's IPA cannot download; null when it can, or when nobody knows.</summary>
    /// <param name="euicc">The eUICC's locked row.</param>
    /// <param name="operation">The download.</param>
    public async ValueTask<OperationError?> RefusalAsync(LockedEuicc euicc, OperationRow operation)
    {
        var hasCode = await euicc.Session.ExecuteScalarAsync<long>(
            "SELECT count(*) FROM operation WHERE eid = @Eid AND id = @Id AND confirmation_code IS NOT NULL",
            new { Eid = euicc.EidBytes, operation.Id }).ConfigureAwait(false) > 0;
        if (hasCode && !identity.IndirectProfileDownload)
        {
            return DownloadError.ConfirmationCodeOnlyIndirect;
        }

        var capabilities = await euicc.Session.ExecuteScalarAsync<byte[]?>(
            "SELECT ipa_capabilities FROM euicc_data WHERE eid = @Eid", new { Eid = euicc.EidBytes }).ConfigureAwait(false);
        if (capabilities is null)
        {
            return null;
        }

        var features = FeaturesOf(capabilities);
        var (direct, indirect) = (
            features.HasFlag(IpaFeatures.DirectRspServerCommunication), features.HasFlag(IpaFeatures.IndirectRspServerCommunication));
        return hasCode && direct && !indirect ? DownloadError.NoPlaceForConfirmationCode
            : direct ? null
            : !indirect ? DownloadError.CannotDownload
            : identity.IndirectProfileDownload ? null
            : DownloadError.OnlyIndirect;
    }

    /// <summary>Which of the profiles that were ordered for this eUICC the code is for, where it is one of those.</summary>
    private async ValueTask AnnounceOrderedAsync(LockedEuicc euicc, OperationRow operation, ActivationCode code)
    {
        var ordered = await euicc.Session.QueryAsync<Ordered>(
            """
            SELECT iccid, activation_code FROM stock_profile
            WHERE organisation_id = @OrganisationId AND eid = @Eid AND activation_code IS NOT NULL AND iccid IN
                  (SELECT iccid FROM profile WHERE eid = @Eid AND status BETWEEN 3 AND 6)
            LIMIT 100
            """,
            new { euicc.OrganisationId, Eid = euicc.EidBytes }).ConfigureAwait(false);
        foreach (var profile in ordered)
        {
            if (CodeOf(euicc.Eid, profile) is { } known && known.MatchingId == code.MatchingId && known.Address.IsSameServerAs(code.Address))
            {
                await DownloadOutcome.AnnounceAsync(euicc, operation, Iccid.Parse(profile.Iccid)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Null where it cannot be read: the download itself has its own code, and goes on without knowing its profile.</summary>
    private ActivationCode? CodeOf(Eid eid, Ordered profile)
    {
        try
        {
            return secrets.Unprotect(profile.Iccid, profile.ActivationCode);
        }
        catch (Exception e) when (e is SecretException or ProtocolException)
        {
            LogUnreadable(eid, profile.Iccid, e.Message);
            return null;
        }
    }

    /// <summary>The trigger's bytes; null when the activation code cannot be read.</summary>
    public async ValueTask<byte[]?> BuildAsync(LockedEuicc euicc, OperationRow operation, TransactionId id)
    {
        try
        {
            var code = secrets.Unprotect(operation.Uuid, operation.ActivationCode);
            await AnnounceOrderedAsync(euicc, operation, code).ConfigureAwait(false);
            await HeldProfiles.RememberAsync(euicc, operation).ConfigureAwait(false);
            return new ProfileDownloadTriggerRequest(code.Text, TransactionId: id).Encode();
        }
        catch (Exception e) when (e is SecretException or ProtocolException)
        {
            // Another master key encrypted it, or a version before took an address that is none by now.
            // The caller ends the operation with a reason of its own: DownloadError.Unreadable.
            return null;
        }
    }

    public byte[] Protect(TransactionId id, byte[] trigger) => secrets.ProtectTrigger(id.ToBytes(), trigger);

    public byte[] Unprotect(Exchange exchange) => secrets.UnprotectTrigger(exchange.TransactionId, exchange.Request);

    /// <summary>Reads the TLV A8 that an IPA told.</summary>
    public static IpaFeatures FeaturesOf(byte[] capabilities)
    {
        var inner = new BerReader(capabilities).Inside(0xA8);
        return (IpaFeatures)inner.ReadNamedBits(0x80);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: the activation code of profile {Iccid} in stock cannot be read: {Reason}; its download does not know which profile it will be")]
    private partial void LogUnreadable(Eid eid, string iccid, string reason);

    private sealed class Ordered
    {
        public string Iccid { get; init; } = "";

        public byte[] ActivationCode { get; init; } = [];
    }
}

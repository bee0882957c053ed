using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>Ends an installation: the signed result, kept until it is removed, and the one write that makes it all true.</summary>
internal static class InstallationCompletion
{
    /// <summary>EUICCResponses of a package that was processed without a remark: ok for all of it.</summary>
    private static readonly byte[] SimaOk = Convert.FromHexString("3007A0053003800100");

    /// <summary>The profile is on the card, disabled; its keys of the download are gone.</summary>
    /// <returns>BF37.</returns>
    public static byte[] Succeed(EuiccCore core, AuthenticatedServer server, StoredProfile profile)
    {
        var state = core.State with { Profiles = core.State.Profiles.Add(profile), OneTimeKey = null };
        var result = Sign(core, server, Iccid.Parse(profile.Iccid), new InstallationFinalResult.Success(profile.IsdpAid, SimaOk));
        state = PendingList.AddInstallation(state, result);

        // The SM-DP+ hears of it by the result; whoever else wants to, by a notification.
        state = PendingList.Notify(core, state, profile, NotificationEvents.Install, except: server.Address);
        core.Commit(state);
        core.ChangeSession(null);
        core.JustInstalled = new InstalledProfile(profile.Iccid, server.Oid, server.Address);
        return result;
    }

    /// <summary>Nothing is on the card. The one-time key stays, for a retry.</summary>
    /// <returns>BF37.</returns>
    public static byte[] Fail(EuiccCore core, AuthenticatedServer server, InstallationFinalResult.Failure failure)
    {
        var iccid = core.Session?.Loading?.Metadata?.Iccid;
        var result = Sign(core, server, iccid, failure);
        core.Commit(PendingList.AddInstallation(core.State, result));
        core.ChangeSession(null);
        return result;
    }

    /// <summary>Something else begins while a package is being loaded: the installation has failed, and its result waits.</summary>
    public static void Interrupt(EuiccCore core)
    {
        if (core.Session is { Server: { } server, Loading: { } loading })
        {
            Fail(core, server, new InstallationFinalResult.Failure(loading.Command, InstallationErrorReason.Interruption));
        }
    }

    private static byte[] Sign(EuiccCore core, AuthenticatedServer server, Iccid? iccid, InstallationFinalResult outcome)
    {
        var metadata = new NotificationMetadata(core.State.NextSequenceNumber, NotificationEvents.Install, server.Address, iccid);
        var data = ProfileInstallationResult.EncodeData(server.TransactionId, metadata, ObjectIdentifier.ToBytes(server.Oid), outcome);
        return ProfileInstallationResult.Create(data, core.Sign(data)).Encode();
    }
}

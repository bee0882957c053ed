using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Packages;

/// <summary>Reads which version of SGP.32 a device speaks from the messages that it sends. Only messages with something proved in them count.</summary>
internal static class VersionSigns
{
    /// <summary>The version by what was known and what a message shows.</summary>
    /// <param name="known">What was known.</param>
    /// <param name="message">The message.</param>
    /// <param name="caller">Who sent it, and whether he named the EID in it.</param>
    /// <param name="hasOldSignature">Whether a result in it is signed by v1.0's rule.</param>
    public static SpokenVersion Of(SpokenVersion known, EimPackageResult message, EsipaCaller caller, bool hasOldSignature)
    {
        if (caller.SpeaksV13)
        {
            return SpokenVersion.V13;
        }

        if (hasOldSignature || message.ResultsOfV10 is not null)
        {
            return SpokenVersion.V10;
        }

        var data = message.DataResponse as IpaEuiccData;
        if (caller.NamesEid == true || data?.TransactionId is not null)
        {
            // Neither is there before v1.1.
            return known is SpokenVersion.V13 ? known : SpokenVersion.V12;
        }

        // Later versions may leave both out too, so what is known of a device is not given up for that.
        var leavesOut = caller.NamesEid == false || data is { TransactionId: null, IpaCapabilities: null };
        return known == SpokenVersion.Unknown && leavesOut ? SpokenVersion.V10 : known;
    }
}

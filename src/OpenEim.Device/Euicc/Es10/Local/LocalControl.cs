using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Local;

/// <summary>Whether a local assistant may change the card's profiles: not while an eIM does (SGP.32 gives it no such function, and 3.4 reserves the state to eUICC Packages).</summary>
internal static class LocalControl
{
    /// <summary>Whether ES10c may change anything.</summary>
    public static bool IsAllowed(EuiccCore core) => core.State.Eims.IsEmpty;

    /// <summary>Whether an owner has forbidden to disable the profile.</summary>
    public static bool ForbidsDisabling(StoredProfile? profile) =>
        profile is not null && (profile.PolicyRules & ProfilePolicyRules.DisablingNotAllowed) != 0;
}

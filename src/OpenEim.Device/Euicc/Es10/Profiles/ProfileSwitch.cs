using OpenEim.Device.Euicc.Memory;

namespace OpenEim.Device.Euicc.Es10.Profiles;

/// <summary>Changes which profile is enabled.</summary>
internal static class ProfileSwitch
{
    /// <summary>Enables one profile and disables whatever else is enabled; with null nothing is enabled afterwards.</summary>
    public static EuiccState To(EuiccState state, string? iccid) =>
        state.WithProfiles(profile => profile.Enabled == (profile.Iccid == iccid) ? profile : profile with { Enabled = profile.Iccid == iccid });
}

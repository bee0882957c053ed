using OpenEim.Device.Euicc.Es10.Information;
using OpenEim.Device.Euicc.Es10.Profiles;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Packages;

/// <summary>What each PSMO does on the card (SGP.32 3.3.1, 2.11.1.1.3), its checks in the order of its result codes.</summary>
internal static class PsmoCommands
{
    public static EuiccResultData Run(PackageExecution execution, Psmo psmo) => psmo switch
    {
        EnableProfile enable => Code(EuiccCommand.Enable, (int)Enable(execution, enable)),
        DisableProfile disable => Code(EuiccCommand.Disable, (int)Disable(execution, disable)),
        DeleteProfile delete => Code(EuiccCommand.Delete, (int)Delete(execution, delete)),
        ListProfileInfo list => new ProfileInfoListResult(List(execution, list)),
        GetRat => GetRulesAuthorisationTable.Result,
        ConfigureImmediateEnable configure => Code(EuiccCommand.ConfigureImmediateEnable, (int)Configure(execution, configure)),
        SetFallbackAttribute set => Code(EuiccCommand.SetFallbackAttribute, (int)SetFallback(execution, set)),
        UnsetFallbackAttribute => Code(EuiccCommand.UnsetFallbackAttribute, (int)UnsetFallback(execution)),
        SetDefaultDpAddress set => Code(EuiccCommand.SetDefaultDpAddress, (int)SetDefaultAddress(execution, set)),
        _ => Code(EuiccCommand.ProcessingTerminated, (int)ProcessingTerminated.UnknownOrDamagedCommand),
    };

    private static CommandResult Code(EuiccCommand command, int code) => new(command, code);

    private static EnableProfileResult Enable(PackageExecution execution, EnableProfile command)
    {
        var state = execution.State;
        var enabled = state.EnabledProfile();
        var profile = state.FindProfile(command.Iccid);
        if (CheckEnable(execution, command, profile, enabled) is var result and not EnableProfileResult.Ok)
        {
            return result;
        }

        if (enabled is not null)
        {
            execution.Note(enabled, NotificationEvents.Disable);
        }

        execution.Note(profile!, NotificationEvents.Enable);
        execution.State = ProfileSwitch.To(state, profile!.Iccid) with { ReturnIccid = null };
        execution.RollbackIccid = command.Rollback ? execution.EnabledBefore!.Iccid : null;
        execution.HasEnabled = true;
        return EnableProfileResult.Ok;
    }

    private static EnableProfileResult CheckEnable(
        PackageExecution execution, EnableProfile command, StoredProfile? profile, StoredProfile? enabled)
    {
        if (execution.HasEnabled)
        {
            // A package enables once at most; the result has no code of its own for a second time.
            return EnableProfileResult.UndefinedError;
        }

        if (profile is null)
        {
            return EnableProfileResult.IccidOrAidNotFound;
        }

        if (profile.Enabled)
        {
            return EnableProfileResult.ProfileNotInDisabledState;
        }

        if (enabled is not null && ForbidsDisabling(enabled))
        {
            return EnableProfileResult.DisallowedByPolicy;
        }

        // The profile before the package; the package itself may have disabled it, and deleted it.
        var previous = execution.State.FindProfile(execution.EnabledBefore?.Iccid);
        return command.Rollback && (previous is null || previous == profile)
            ? EnableProfileResult.RollbackNotAvailable
            : EnableProfileResult.Ok;
    }

    private static DisableProfileResult Disable(PackageExecution execution, DisableProfile command)
    {
        if (execution.HasEnabled || execution.HasDisabled)
        {
            // A package disables once at most, and not after an enable; the result has no code of its own for that.
            return DisableProfileResult.UndefinedError;
        }

        if (execution.State.FindProfile(command.Iccid) is not { } profile)
        {
            return DisableProfileResult.IccidOrAidNotFound;
        }

        if (!profile.Enabled)
        {
            return DisableProfileResult.ProfileNotInEnabledState;
        }

        if (ForbidsDisabling(profile))
        {
            return DisableProfileResult.DisallowedByPolicy;
        }

        execution.Note(profile, NotificationEvents.Disable);
        execution.State = ProfileSwitch.To(execution.State, null);
        execution.HasDisabled = true;
        return DisableProfileResult.Ok;
    }

    private static DeleteProfileResult Delete(PackageExecution execution, DeleteProfile command)
    {
        var state = execution.State;
        if (state.FindProfile(command.Iccid) is not { } profile)
        {
            return DeleteProfileResult.IccidOrAidNotFound;
        }

        if (profile.Enabled)
        {
            return DeleteProfileResult.ProfileNotInDisabledState;
        }

        if ((profile.PolicyRules & ProfilePolicyRules.DeletionNotAllowed) != 0)
        {
            return DeleteProfileResult.DisallowedByPolicy;
        }

        if (profile.Iccid == execution.RollbackIccid)
        {
            return DeleteProfileResult.RollbackNotAvailable;
        }

        if (profile.Iccid == state.ReturnIccid)
        {
            return DeleteProfileResult.ReturnFallbackProfile;
        }

        execution.Note(profile, NotificationEvents.Delete);
        execution.State = state with { Profiles = state.Profiles.Remove(profile) };
        return DeleteProfileResult.Ok;
    }

    private static ProfileInfoListResponse List(PackageExecution execution, ListProfileInfo command) =>
        execution.IsProfileChangeOngoing
            ? new ProfileInfoListResponse(null, ProfileInfoListError.ProfileChangeOngoing)
            : GetProfilesInfo.List(execution.State, command.Request);

    private static ConfigureImmediateEnableResult Configure(PackageExecution execution, ConfigureImmediateEnable command)
    {
        execution.State = execution.State with
        {
            ImmediateEnable = command.Enable
                ? new ImmediateEnableConfiguration(command.SmdpOid?.ToArray(), command.SmdpAddress)
                : null,
        };
        return ConfigureImmediateEnableResult.Ok;
    }

    private static SetFallbackAttributeResult SetFallback(PackageExecution execution, SetFallbackAttribute command)
    {
        var state = execution.State;
        if (!execution.Identity.SupportsFallback)
        {
            return SetFallbackAttributeResult.UndefinedError;
        }

        if (state.FindProfile(command.Iccid) is not { } profile)
        {
            return SetFallbackAttributeResult.IccidOrAidNotFound;
        }

        if (!profile.FallbackAllowed)
        {
            return SetFallbackAttributeResult.FallbackNotAllowed;
        }

        if (profile.Enabled || state.FallbackProfile() is { Enabled: true })
        {
            return SetFallbackAttributeResult.FallbackProfileEnabled;
        }

        execution.State = WithFallback(state, profile.Iccid);
        return SetFallbackAttributeResult.Ok;
    }

    private static UnsetFallbackAttributeResult UnsetFallback(PackageExecution execution)
    {
        if (!execution.Identity.SupportsFallback)
        {
            return UnsetFallbackAttributeResult.CommandError;
        }

        if (execution.State.FallbackProfile() is not { } fallback)
        {
            return UnsetFallbackAttributeResult.NoFallbackAttribute;
        }

        if (fallback.Enabled)
        {
            return UnsetFallbackAttributeResult.FallbackProfileEnabled;
        }

        execution.State = WithFallback(execution.State, null);
        return UnsetFallbackAttributeResult.Ok;
    }

    private static SetDefaultDpAddressResult SetDefaultAddress(PackageExecution execution, SetDefaultDpAddress command)
    {
        execution.State = SetDefaultDpAddressFunction.Set(execution.State, command.Address);
        return SetDefaultDpAddressResult.Ok;
    }

    private static bool ForbidsDisabling(StoredProfile profile) =>
        (profile.PolicyRules & ProfilePolicyRules.DisablingNotAllowed) != 0;

    private static EuiccState WithFallback(EuiccState state, string? iccid) => state.WithProfiles(profile =>
        profile.FallbackAttribute == (profile.Iccid == iccid) ? profile : profile with { FallbackAttribute = profile.Iccid == iccid });
}

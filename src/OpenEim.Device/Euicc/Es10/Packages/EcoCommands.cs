using OpenEim.Device.Euicc.Es10.Eims;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Packages;

/// <summary>What each eCO does on the card (SGP.32 3.3.2, 2.11.1.1.2).</summary>
internal static class EcoCommands
{
    public static EuiccResultData Run(PackageExecution execution, Eco eco)
    {
        switch (eco)
        {
            case AddEim add:
                return Add(execution, add.Data);
            case UpdateEim update:
                var updated = EimAssociation.Update(execution.State, update.Data);
                execution.State = updated.State ?? execution.State;
                return new CommandResult(EuiccCommand.UpdateEim, (int)updated.Result);
            case DeleteEim delete:
                var deleted = EimAssociation.Delete(execution.State, delete.EimId);
                execution.State = deleted.State ?? execution.State;
                return new CommandResult(EuiccCommand.DeleteEim, (int)deleted.Result);
            case ListEim:
                return new ListEimResult([.. execution.State.Eims.Select(EimAssociation.Identify)]);
            default:
                return new CommandResult(EuiccCommand.ProcessingTerminated, (int)ProcessingTerminated.UnknownOrDamagedCommand);
        }
    }

    private static AddEimResult Add(PackageExecution execution, EimConfigurationData data)
    {
        var outcome = EimAssociation.Add(execution.State, data);
        if (outcome.State is null)
        {
            return new AddEimResult(null, outcome.Error);
        }

        execution.State = outcome.State;
        return outcome.Token is { } token ? new AddEimResult(token, null) : new AddEimResult(null, AddEimResultCode.Ok);
    }
}

using OpenEim.Device.Euicc.Es10.Eims;
using OpenEim.Protocol.Ber;
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
                return execution.Identity.IsV10 ? ListV10(execution) : new ListEimResult([.. execution.State.Eims.Select(EimAssociation.Identify)]);
            default:
                return new CommandResult(EuiccCommand.ProcessingTerminated, (int)ProcessingTerminated.UnknownOrDamagedCommand);
        }
    }

    // EimIdInfo's type stands under [4] in v1.0, under [2] later.
    private static UnknownResult ListV10(PackageExecution execution) => new(BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0xAB))
        using (writer.Constructed(0xA0))
        {
            foreach (var eim in execution.State.Eims.Select(EimAssociation.Identify))
            {
                using (writer.Constructed(0x30))
                {
                    writer.OptionalUtf8(0x80, eim.EimId);
                    writer.OptionalInteger(0x84, (int?)eim.Type);
                }
            }
        }
    }));

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

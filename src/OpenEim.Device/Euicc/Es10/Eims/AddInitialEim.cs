using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Eims;

/// <summary>ES10b AddInitialEim, tag BF57 (SGP.32 5.9.4): only on a card that has no eIM; all of the list or nothing.</summary>
internal static class AddInitialEim
{
    public static AddInitialEimResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var eims = BerMessage.Decode<AddInitialEimRequest>(request).Eims;
        var state = core.State;
        if (!state.Eims.IsEmpty)
        {
            return new AddInitialEimResponse(null, AddEimResultCode.AssociatedEimAlreadyExists);
        }

        if (eims.Count == 0)
        {
            return new AddInitialEimResponse(null, AddEimResultCode.CommandError);
        }

        var tokens = new List<long?>();
        foreach (var eim in eims)
        {
            var outcome = EimAssociation.Add(state, eim);
            if (outcome.State is null)
            {
                return new AddInitialEimResponse(null, outcome.Error);
            }

            state = outcome.State;
            tokens.Add(outcome.Token);
        }

        core.Commit(state);
        return new AddInitialEimResponse(tokens);
    }
}

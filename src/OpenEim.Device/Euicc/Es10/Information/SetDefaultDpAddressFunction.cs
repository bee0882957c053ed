using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Information;

/// <summary>ES10b SetDefaultDpAddress, tag BF65 (SGP.32 5.9.25), and the PSMO of the same form.</summary>
internal static class SetDefaultDpAddressFunction
{
    public static CodeResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var command = BerMessage.Decode<Psmo>(request) as SetDefaultDpAddress
            ?? throw new ProtocolException("not a SetDefaultDpAddress request");
        core.Commit(Set(core.State, command.Address));
        return new CodeResponse(0xBF65, (int)SetDefaultDpAddressResult.Ok);
    }

    /// <summary>The state with another default address; an empty one removes it.</summary>
    public static EuiccState Set(EuiccState state, string address) =>
        state with { DefaultSmdpAddress = address.Length == 0 ? null : address };
}

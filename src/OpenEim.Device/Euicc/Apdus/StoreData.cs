using OpenEim.Device.Euicc.Es10;
using OpenEim.Protocol;

namespace OpenEim.Device.Euicc.Apdus;

/// <summary>STORE DATA, INS E2, P1 11 (more blocks follow) or 91 (the last one), P2 the block's number (SGP.22 5.7.2).</summary>
internal static class StoreData
{
    private const byte More = 0x11;
    private const byte Last = 0x91;

    public static byte[] Execute(EuiccCore core, LogicalChannel channel, in CommandApdu command)
    {
        if (!command.IsProprietary)
        {
            return StatusWord.Alone(StatusWord.ClassNotSupported);
        }

        if (command.P1 is not (More or Last))
        {
            return StatusWord.Alone(StatusWord.IncorrectParameters);
        }

        if (channel.Selected != CardApplication.Isdr)
        {
            return StatusWord.Alone(StatusWord.ConditionsNotSatisfied);
        }

        if (command.Data.IsEmpty)
        {
            return StatusWord.Alone(StatusWord.WrongLength);
        }

        var status = channel.Append(command.P2, command.Data.Span);
        return status != StatusWord.Ok || command.P1 == More
            ? StatusWord.Alone(status)
            : Run(core, channel, channel.TakeCommand());
    }

    private static byte[] Run(EuiccCore core, LogicalChannel channel, byte[] request)
    {
        try
        {
            var status = Es10Functions.Execute(core, request, out var response);
            return response.Length > 0 ? channel.Offer(response) : StatusWord.Alone(status);
        }
        catch (ProtocolException)
        {
            // The one place where malformed data becomes what a card says to it.
            return StatusWord.Alone(StatusWord.IncorrectData);
        }
    }
}

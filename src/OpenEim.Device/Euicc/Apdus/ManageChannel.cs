namespace OpenEim.Device.Euicc.Apdus;

/// <summary>MANAGE CHANNEL, INS 70 (ETSI TS 102 221 11.1.17).</summary>
internal static class ManageChannel
{
    public static byte[] Execute(LogicalChannel?[] channels, in CommandApdu command)
    {
        if (command.IsProprietary)
        {
            return StatusWord.Alone(StatusWord.ClassNotSupported);
        }

        if (!command.Data.IsEmpty)
        {
            return StatusWord.Alone(StatusWord.WrongLength);
        }

        return command.P1 switch
        {
            0x00 => Open(channels, command),
            0x80 => StatusWord.Alone(Close(channels, command.P2 == 0 ? command.Channel : command.P2)),
            _ => StatusWord.Alone(StatusWord.IncorrectParameters),
        };
    }

    private static byte[] Open(LogicalChannel?[] channels, in CommandApdu command)
    {
        if (command.P2 >= channels.Length)
        {
            return StatusWord.Alone(StatusWord.IncorrectParameters);
        }

        // A channel that the device names is not told back to it; a channel that the card chooses is.
        var number = command.P2 != 0 ? command.P2 : Array.IndexOf(channels, null);
        if (number < 0 || channels[number] is not null)
        {
            return StatusWord.Alone(StatusWord.FunctionNotSupported);
        }

        if (command.P2 == 0 && command.ExpectedLength is not (1 or 256))
        {
            return StatusWord.Alone(StatusWord.WrongExpectedLength | 1);
        }

        channels[number] = new LogicalChannel();
        return command.P2 != 0 ? StatusWord.Alone(StatusWord.Ok) : StatusWord.After([(byte)number], StatusWord.Ok);
    }

    private static ushort Close(LogicalChannel?[] channels, int number)
    {
        if (number == 0 || number >= channels.Length)
        {
            return StatusWord.IncorrectParameters;
        }

        if (channels[number] is null)
        {
            return StatusWord.ChannelNotSupported;
        }

        channels[number] = null;
        return StatusWord.Ok;
    }
}

namespace OpenEim.Device.Euicc.Apdus;

/// <summary>The card's command interpreter: checks the frame of a command and hands it to its instruction.</summary>
internal sealed class ApduInterpreter(EuiccCore core)
{
    /// <summary>Channel 0, which is always open, and 19 more.</summary>
    private readonly LogicalChannel?[] _channels = Fresh();

    /// <summary>Power on: only the basic channel is open, nothing is selected.</summary>
    public void Reset() => Fresh().CopyTo(_channels, 0);

    /// <summary>Executes one command. Whatever the bytes are, the answer is a response APDU.</summary>
    public byte[] Execute(ReadOnlyMemory<byte> bytes)
    {
        if (!CommandApdu.TryParse(bytes, out var command))
        {
            return StatusWord.Alone(StatusWord.WrongLength);
        }

        if (CheckClass(command) is var status and not StatusWord.Ok)
        {
            return StatusWord.Alone(status);
        }

        var channel = _channels[command.Channel]!;
        if (command.Instruction != 0xC0)
        {
            channel.ForgetResponse();
        }

        return command.Instruction switch
        {
            0xE2 => StoreData.Execute(core, channel, command),
            0xC0 => GetResponse.Execute(channel, command),
            0xA4 => SelectApplication.Execute(core, channel, command),
            0x70 => ManageChannel.Execute(_channels, command),
            0xAA => TerminalCapability.Execute(command),
            0xCA => GetData.Execute(core, channel, command),
            _ => StatusWord.Alone(StatusWord.InstructionNotSupported),
        };
    }

    private ushort CheckClass(in CommandApdu command)
    {
        if (!command.HasValidClass)
        {
            return StatusWord.ClassNotSupported;
        }

        if (command.HasSecureMessaging)
        {
            return StatusWord.SecureMessagingNotSupported;
        }

        if (command.IsChained)
        {
            return StatusWord.ChainingNotSupported;
        }

        return _channels[command.Channel] is null ? StatusWord.ChannelNotSupported : StatusWord.Ok;
    }

    private static LogicalChannel?[] Fresh()
    {
        var channels = new LogicalChannel?[20];
        channels[0] = new LogicalChannel();
        return channels;
    }
}

using OpenEim.Protocol;
using OpenEim.Protocol.Ber;

namespace OpenEim.Device.Euicc.Apdus;

/// <summary>TERMINAL CAPABILITY, INS AA (ETSI TS 102 221 11.1.19). The card works the same whatever the terminal is.</summary>
internal static class TerminalCapability
{
    public static byte[] Execute(in CommandApdu command)
    {
        if (!command.IsProprietary)
        {
            return StatusWord.Alone(StatusWord.ClassNotSupported);
        }

        if (command.Parameters != 0)
        {
            return StatusWord.Alone(StatusWord.IncorrectParameters);
        }

        return StatusWord.Alone(command.Data.IsEmpty ? StatusWord.WrongLength : Check(command.Data));
    }

    private static ushort Check(ReadOnlyMemory<byte> data)
    {
        try
        {
            var reader = new BerReader(data);
            reader.ReadConstructed(0xA9).SkipUnknown();
            reader.ThrowIfNotEmpty();
            return StatusWord.Ok;
        }
        catch (ProtocolException)
        {
            return StatusWord.IncorrectData;
        }
    }
}

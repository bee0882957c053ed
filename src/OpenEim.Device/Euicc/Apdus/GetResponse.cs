namespace OpenEim.Device.Euicc.Apdus;

/// <summary>GET RESPONSE, INS C0 (ETSI TS 102 221 12.1.1), in either class as devices use both.</summary>
internal static class GetResponse
{
    public static byte[] Execute(LogicalChannel channel, in CommandApdu command)
    {
        if (command.Parameters != 0)
        {
            return StatusWord.Alone(StatusWord.IncorrectParameters);
        }

        if (!command.Data.IsEmpty || command.ExpectedLength is not { } expected)
        {
            return StatusWord.Alone(StatusWord.WrongLength);
        }

        if (channel.ResponseLength == 0)
        {
            return StatusWord.Alone(StatusWord.ConditionsNotSatisfied);
        }

        // Le 00 asks for whatever there is; any other Le asks for exactly that many bytes.
        if (expected > channel.ResponseLength && expected != 256)
        {
            return StatusWord.Alone((ushort)(StatusWord.WrongExpectedLength | channel.ResponseLength));
        }

        return channel.Fetch(Math.Min(expected, channel.ResponseLength));
    }
}

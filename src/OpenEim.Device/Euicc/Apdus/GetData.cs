namespace OpenEim.Device.Euicc.Apdus;

/// <summary>GET DATA, INS CA (GlobalPlatform 11.3), in either class: of the ECASD the EID, tag 5A, which assistants read there.</summary>
internal static class GetData
{
    private const int EidObject = 0x005A;
    private const byte EidTag = 0x5A;

    public static byte[] Execute(EuiccCore core, LogicalChannel channel, in CommandApdu command)
    {
        if (!command.Data.IsEmpty)
        {
            return StatusWord.Alone(StatusWord.WrongLength);
        }

        if (channel.Selected == CardApplication.None)
        {
            return StatusWord.Alone(StatusWord.ConditionsNotSatisfied);
        }

        if (channel.Selected != CardApplication.Ecasd || command.Parameters != EidObject)
        {
            return StatusWord.Alone(StatusWord.ReferencedDataNotFound);
        }

        var eid = Convert.FromHexString(core.Identity.Eid);
        byte[] answer = [EidTag, (byte)eid.Length, .. eid];

        // Le 00 takes whatever there is; another Le must fit, as with every command that only answers.
        return command.ExpectedLength is 256 || command.ExpectedLength == answer.Length
            ? StatusWord.After(answer, StatusWord.Ok)
            : StatusWord.Alone((ushort)(StatusWord.WrongExpectedLength | answer.Length));
    }
}

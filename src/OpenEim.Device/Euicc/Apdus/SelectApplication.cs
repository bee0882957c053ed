using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Apdus;

/// <summary>SELECT by AID, INS A4 (ETSI TS 102 221 11.1.1): the ISD-R (SGP.22 5.7.1, SGP.32 5.9.1), or the ECASD.</summary>
internal static class SelectApplication
{
    /// <summary>The SGP.22 version that the card speaks.</summary>
    public static readonly VersionNumber Svn = new(2, 5, 0);

    private static readonly byte[] IsdrAid = Convert.FromHexString("A0000005591010FFFFFFFF8900000100");
    private static readonly byte[] EcasdAid = Convert.FromHexString("A0000005591010FFFFFFFF8900000200");

    public static byte[] Execute(EuiccCore core, LogicalChannel channel, in CommandApdu command)
    {
        if (command.IsProprietary)
        {
            return StatusWord.Alone(StatusWord.ClassNotSupported);
        }

        // P2: first or only occurrence, with FCI (00), FCP (04) or no data (0C).
        if (command.P1 != 0x04 || command.P2 is not (0x00 or 0x04 or 0x0C))
        {
            return StatusWord.Alone(StatusWord.IncorrectParameters);
        }

        if (command.Data.IsEmpty)
        {
            return StatusWord.Alone(StatusWord.WrongLength);
        }

        var application = command.Data.Span.SequenceEqual(IsdrAid) ? CardApplication.Isdr
            : command.Data.Span.SequenceEqual(EcasdAid) ? CardApplication.Ecasd
            : CardApplication.None;
        if (application == CardApplication.None)
        {
            return StatusWord.Alone(StatusWord.NotFound);
        }

        channel.Select(application);
        return command.P2 == 0x0C ? StatusWord.Alone(StatusWord.Ok) : channel.Offer(FileControlInformation(core, application));
    }

    private static byte[] FileControlInformation(EuiccCore core, CardApplication application) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0x6F))
        {
            writer.Octets(0x84, application == CardApplication.Isdr ? IsdrAid : EcasdAid);
            using (writer.Constructed(0xA5))
            {
                // The longest data field of a command.
                writer.Octets(0x9F65, [0xFF]);
            }

            if (application == CardApplication.Ecasd)
            {
                return;
            }

            using (writer.Constructed(0xE0))
            {
                writer.Octets(0x82, Svn.ToBytes());
            }

            if (core.Identity.IsIot)
            {
                new IsdrTemplateIot(IpaeSupported: false, core.State.EnabledProfile() is not null).Encode(writer);
            }
        }
    });
}

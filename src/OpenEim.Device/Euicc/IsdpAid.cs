using System.Buffers.Binary;
using OpenEim.Device.Euicc.Memory;

namespace OpenEim.Device.Euicc;

/// <summary>AIDs of ISD-Ps: A0000005591010FFFFFFFF8900 followed by a number from 1000 (hex) on and 00.</summary>
internal static class IsdpAid
{
    private const int NumberOffset = 13;
    private const int FirstNumber = 0x1000;

    private static readonly byte[] Prefix = Convert.FromHexString("A0000005591010FFFFFFFF8900");

    /// <summary>The n-th AID, counted from 0.</summary>
    public static byte[] Make(int index)
    {
        var aid = new byte[16];
        Prefix.CopyTo(aid, 0);
        BinaryPrimitives.WriteUInt16BigEndian(aid.AsSpan(NumberOffset), (ushort)(FirstNumber + index));
        return aid;
    }

    /// <summary>The first AID that no profile has.</summary>
    public static byte[] Next(EuiccState state)
    {
        for (var index = 0; ; index++)
        {
            var aid = Make(index);
            if (!state.Profiles.Any(profile => profile.IsdpAid.AsSpan().SequenceEqual(aid)))
            {
                return aid;
            }
        }
    }
}

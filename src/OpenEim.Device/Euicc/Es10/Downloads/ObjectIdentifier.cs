using OpenEim.Protocol.Ber;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>The value bytes of an OBJECT IDENTIFIER.</summary>
internal static class ObjectIdentifier
{
    /// <summary>From the dotted form of a certificate.</summary>
    public static byte[] ToBytes(string dotted)
    {
        var reader = new BerReader(BerWriting.Encode(writer => writer.WriteObjectIdentifier(dotted)));
        return reader.ReadValue(0x06).ToArray();
    }
}

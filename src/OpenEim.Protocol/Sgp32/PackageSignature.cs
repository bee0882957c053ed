using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>What is signed in ESep, both ways.</summary>
public static class PackageSignature
{
    /// <summary>The signature's input: the TLV of the signed data, then the association token as TLV 84; 84 01 00 when none is configured.</summary>
    /// <param name="signedData">The TLV 30… as it travels.</param>
    /// <param name="associationToken">The token of this eIM on this eUICC.</param>
    public static byte[] Input(ReadOnlySpan<byte> signedData, long? associationToken)
    {
        var token = BerWriting.Encode(writer => writer.Integer(0x84, associationToken ?? 0));
        return [.. signedData, .. token];
    }

    /// <summary>The result signature's input as eUICCs up to SGP.32 v1.0 have it: the signed data, then the eimSignature TLV of the request.</summary>
    public static byte[] InputV10(ReadOnlySpan<byte> signedData, ReadOnlySpan<byte> eimSignature)
    {
        var signature = eimSignature.ToArray();
        var tlv = BerWriting.Encode(writer => writer.Octets(Sgp22Tags.Signature, signature));
        return [.. signedData, .. tlv];
    }
}

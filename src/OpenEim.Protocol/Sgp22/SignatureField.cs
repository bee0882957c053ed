using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>The signature TLV 5F37, where another signature covers it, and where the JSON bindings carry it with its tag.</summary>
public static class SignatureField
{
    /// <summary>The TLV.</summary>
    /// <param name="signature">Raw r‖s.</param>
    public static byte[] Encode(ReadOnlyMemory<byte> signature) => BerWriting.Encode(writer => writer.Octets(Sgp22Tags.Signature, signature.Span));

    /// <summary>Reads a TLV that must fill <paramref name="encoded"/>, and gives raw r‖s.</summary>
    /// <exception cref="ProtocolException">It is not a signature.</exception>
    public static ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> encoded)
    {
        var reader = new BerReader(encoded);
        var signature = reader.ReadValue(Sgp22Tags.Signature, 1, 128);
        reader.ThrowIfNotEmpty();
        return signature;
    }

    internal static byte[] Append(ReadOnlySpan<byte> signedData, ReadOnlySpan<byte> signature)
    {
        var tlv = Encode(signature.ToArray());
        return [.. signedData, .. tlv];
    }
}

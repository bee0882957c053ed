using System.Security.Cryptography;

namespace OpenEim.Protocol.Security;

/// <summary>The PEM text form (RFC 7468).</summary>
internal static class Pem
{
    /// <summary>One block of a PEM text.</summary>
    public readonly record struct Block(string Label, byte[] Bytes)
    {
        public ReadOnlyMemory<byte> Data => Bytes;

        /// <summary>Overwrites the bytes, for a block that held a key.</summary>
        public void Wipe() => CryptographicOperations.ZeroMemory(Bytes);
    }

    /// <summary>The blocks of a text; whatever stands between them is ignored.</summary>
    /// <exception cref="ProtocolException">A block is not closed or not valid base64.</exception>
    public static IReadOnlyList<Block> Read(string pem)
    {
        var blocks = new List<Block>();
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var bytes = new byte[fields.DecodedDataLength];
            if (!Convert.TryFromBase64Chars(rest[fields.Base64Data], bytes, out var written) || written != bytes.Length)
            {
                throw new ProtocolException("a PEM block is not valid base64");
            }

            blocks.Add(new Block(rest[fields.Label].ToString(), bytes));
            rest = rest[fields.Location.End..];
        }

        return rest.Contains("-----BEGIN ", StringComparison.Ordinal)
            ? throw new ProtocolException("a PEM block is malformed or not closed")
            : blocks;
    }

    /// <summary>Writes one block, closed by a line feed.</summary>
    public static string Write(string label, ReadOnlySpan<byte> data) => PemEncoding.WriteString(label, data) + "\n";
}

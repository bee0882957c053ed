namespace OpenEim.Protocol.Tests.Sgp22;

/// <summary>Builds expected bytes as hex text, independent of the writer under test.</summary>
internal static class Tlv
{
    /// <summary>A TLV from its tag and the hex of its content.</summary>
    public static string T(string tag, params string[] content)
    {
        var value = string.Concat(content);
        var length = value.Length / 2;
        return tag + (length switch
        {
            < 0x80 => $"{length:X2}",
            < 0x100 => $"81{length:X2}",
            < 0x10000 => $"82{length:X4}",
            _ => $"83{length:X6}",
        }) + value;
    }

    /// <summary>The hex of a text.</summary>
    public static string Text(string text) => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Bytes that are all the same.</summary>
    public static string Fill(string octet, int count) => string.Concat(Enumerable.Repeat(octet, count));

    /// <summary>The bytes of hex text.</summary>
    public static byte[] Bytes(string hex) => Convert.FromHexString(hex);
}

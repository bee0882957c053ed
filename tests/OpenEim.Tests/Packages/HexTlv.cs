namespace OpenEim.Tests.Packages;

/// <summary>Builds messages as hex text, independent of the writer under test.</summary>
internal static class HexTlv
{
    /// <summary>A TLV of up to 255 bytes, from its tag and the hex of its content.</summary>
    public static string T(string tag, params string[] content)
    {
        var value = string.Concat(content);
        return tag + (value.Length < 256 ? "" : "81") + $"{value.Length / 2:X2}" + value;
    }
}

using System.Text;

namespace OpenEim.Manager.Queries;

/// <summary>Texts that cards and devices make, as databases and JSON can hold them.</summary>
internal static class StoredText
{
    /// <summary>The text without NUL, which PostgreSQL refuses, and without half characters, which JSON refuses: U+FFFD stands there instead.</summary>
    public static string ForDatabase(this string text)
    {
        if (!text.Contains('\0', StringComparison.Ordinal) && IsWhole(text))
        {
            return text;
        }

        var whole = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            whole.Append(rune.Value == 0 ? "\uFFFD" : rune.ToString());
        }

        return whole.ToString();
    }

    private static bool IsWhole(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}

using System.Text;

namespace OpenEim.Fuzzing.Mutation;

/// <summary>Changes text: characters that mean something, numbers at their bounds, long runs.</summary>
internal static class TextMutator
{
    private static readonly string[] Pieces =
    [
        "", "$", "$$", ":", ".", "..", "-1", "0", "1", "9", "F", "f", "00", "2147483648", "9223372036854775808", "1e400", "NaN", "null", "true", "\0", "\n", "\r\n", " ",
        "é", "\ud83d\ude00", "\u202e", "٣", "İ", "ß", "\\", "\"", "'", "<", "%00", "%2e", "%ZZ", "*", "?", "&", "|", "(", ")", "[", "]", "[::1]", "127.0.0.1", "0x7f000001",
        "localhost", "LPA:", "lpa:", "2.999", "/", "//", ",", ";", "=", "AAAA", "8949000000000000001", "89049032000000000000000000000001",
    ];

    /// <summary>Changes a text once.</summary>
    public static string Mutate(string text, string other, Random random)
    {
        var at = random.Next(text.Length + 1);
        var end = Math.Min(text.Length, at + random.Next(1, 6));
        switch (random.Next(7))
        {
            case 0 or 1:
                return text[..at] + Pieces[random.Next(Pieces.Length)] + text[at..];
            case 2:
                return text[..at] + Pieces[random.Next(Pieces.Length)] + text[end..];
            case 3:
                return text[..at] + text[end..];
            case 4:
                return text[..at] + new StringBuilder().Insert(0, text.Length > 0 ? text[..Math.Min(8, text.Length)] : "x", random.Next(1, 200)) + text[at..];
            case 5:
                return text[..at] + other[random.Next(other.Length + 1)..];
            default:
                return random.Next(2) == 0 ? text.ToUpperInvariant() : text[..at];
        }
    }

    /// <summary>A piece that means something to some parser.</summary>
    public static string Piece(Random random) => Pieces[random.Next(Pieces.Length)];
}

using System.Security.Cryptography;

namespace OpenEim.Smdp.Es2Plus;

/// <summary>Matching ids (SGP.22 4.1.1): whoever knows one may download its profile, so nobody can guess ours.</summary>
internal static class MatchingIds
{
    private const string Alphabet = "ABCDEFGHJKMNPQRSTVWXYZ0123456789";
    private const int Groups = 4;
    private const int GroupLength = 5;

    /// <summary>A new one: 100 random bits, in groups that people can read out.</summary>
    public static string Create() => string.Join('-', Enumerable.Range(0, Groups).Select(_ => RandomNumberGenerator.GetString(Alphabet, GroupLength)));

    /// <summary>Whether a text may stand in an activation code: upper-case letters, digits and hyphens.</summary>
    public static bool IsValid(string text) => text.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '-');
}

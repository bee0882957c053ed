using System.Diagnostics.CodeAnalysis;

namespace OpenEim.Protocol.Identifiers;

/// <summary>The confirmation code of a download (SGP.22 3.1.3). It is a secret, so it never prints itself.</summary>
public sealed class ConfirmationCode
{
    /// <summary>The greatest length in characters.</summary>
    public const int MaxLength = 255;

    private ConfirmationCode(string text) => Text = text;

    /// <summary>The code itself.</summary>
    public string Text { get; }

    /// <summary>Reads a code: 1 to 255 characters without control characters, and valid Unicode.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ConfirmationCode? code)
    {
        code = text is { Length: > 0 and <= MaxLength } && !text.Any(char.IsControl) && IsUnicode(text) ? new ConfirmationCode(text) : null;
        return code is not null;
    }

    /// <summary>Reads a code.</summary>
    /// <exception cref="ProtocolException">It is none. The message does not repeat it.</exception>
    public static ConfirmationCode Parse(string text) =>
        TryParse(text, out var code) ? code : throw new ProtocolException($"a confirmation code has 1 to {MaxLength} characters without control characters");

    /// <summary>Does not print the code.</summary>
    public override string ToString() => "confirmation code";

    // Half of a surrogate pair has no UTF-8 form, so nobody could compute the hash that the SM-DP+ computes.
    private static bool IsUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}

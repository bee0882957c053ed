using System.Globalization;

namespace OpenEim.Manager.Queries;

/// <summary>Reads whole numbers as callers write them: in JSON's grammar, so that <c>1.0</c> and <c>1e2</c> are whole, and exactly, however many digits they have.</summary>
public static class WholeNumber
{
    private const int MaxDigits = 19; // of a number of 64 bits

    /// <summary>Reads a whole number of 64 bits.</summary>
    /// <returns>False where the text is no number, is not whole, or is beyond 64 bits.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out long number)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            return true;
        }

        return TrySplit(text, out var isNegative, out var digits, out var fraction, out var exponent)
            && TryShift($"{digits}{fraction}", digits.Length + exponent, out var shifted)
            && long.TryParse(isNegative ? $"-{shifted}" : shifted, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The digits before the point, once that stands after <paramref name="point"/> of them; none may remain behind it.</summary>
    private static bool TryShift(string digits, long point, out string shifted)
    {
        shifted = "0";
        var significant = digits.TrimEnd('0');
        if (significant.AsSpan().TrimStart('0').IsEmpty)
        {
            return true;
        }

        var leading = digits.Length - digits.TrimStart('0').Length;
        if (significant.Length > point || point - leading > MaxDigits)
        {
            return false;
        }

        shifted = digits.PadRight((int)point, '0')[leading..(int)point];
        return true;
    }

    private static bool TrySplit(
        ReadOnlySpan<char> text, out bool isNegative, out ReadOnlySpan<char> digits, out ReadOnlySpan<char> fraction, out long exponent)
    {
        isNegative = text.StartsWith('-');
        digits = isNegative || text.StartsWith('+') ? text[1..] : text;
        fraction = [];
        exponent = 0;
        var mark = digits.IndexOfAny('e', 'E');
        if (mark >= 0)
        {
            if (!TryExponent(digits[(mark + 1)..], out exponent))
            {
                return false;
            }

            digits = digits[..mark];
        }

        var dot = digits.IndexOf('.');
        if (dot >= 0)
        {
            fraction = digits[(dot + 1)..];
            digits = digits[..dot];
        }

        return digits.Length > 0 && (dot < 0 || fraction.Length > 0) && AreDigits(digits) && AreDigits(fraction);
    }

    /// <summary>One beyond all texts counts as the greatest that matters.</summary>
    private static bool TryExponent(ReadOnlySpan<char> text, out long exponent)
    {
        const long beyond = int.MaxValue;
        var plain = text.StartsWith('-') || text.StartsWith('+') ? text[1..] : text;
        exponent = 0;
        if (plain.IsEmpty || !AreDigits(plain))
        {
            return false;
        }

        exponent = long.TryParse(plain, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, beyond) : beyond;
        exponent = text[0] == '-' ? -exponent : exponent;
        return true;
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}

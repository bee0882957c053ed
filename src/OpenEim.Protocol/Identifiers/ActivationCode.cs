using System.Diagnostics.CodeAnalysis;

namespace OpenEim.Protocol.Identifiers;

/// <summary>
/// An activation code (SGP.22 v3, 4.1), with or without the <c>LPA:</c> of its printed form:
/// <c>1$address$matching id[$OID[$confirmation flag[$CI key id[$delete-notification flag]]]]</c>.
/// </summary>
/// <remarks>It is a secret: its holder can take the profile. It prints without its matching id.</remarks>
public sealed record ActivationCode
{
    /// <summary>The greatest length in characters.</summary>
    public const int MaxLength = 255;

    private const string Prefix = "LPA:";
    private const int MaxFields = 7;
    private const int MaxCiKeyIdDigits = 40; // SHA-1, which SGP.22 lets be cut

    private ActivationCode(string text, SmdpAddress address, string[] fields)
    {
        (Text, Address, MatchingId) = (text, address, fields[2]);
        SmdpOid = Field(fields, 3) is { Length: > 0 } oid ? oid : null;
        NeedsConfirmationCode = Field(fields, 4) == "1";
        CiKeyId = Field(fields, 5) is { Length: > 0 } id ? id : null;
        DeletesByNotification = Field(fields, 6) == "1";
    }

    /// <summary>The code without <c>LPA:</c>, as IPAs get it.</summary>
    public string Text { get; }

    /// <summary>The SM-DP+.</summary>
    public SmdpAddress Address { get; }

    /// <summary>The matching id; empty where the SM-DP+ finds the profile by the EID.</summary>
    public string MatchingId { get; }

    /// <summary>The SM-DP+'s OID, dotted, where the code states it.</summary>
    public string? SmdpOid { get; }

    /// <summary>Whether somebody has to enter a confirmation code.</summary>
    public bool NeedsConfirmationCode { get; }

    /// <summary>The subject key identifier of the CI that the SM-DP+'s certificates lead to, hexadecimal and possibly cut, where the code states it.</summary>
    public string? CiKeyId { get; }

    /// <summary>Whether the SM-DP+ wants to hear of the profile's deletion when the device is changed (SGP.22 v3).</summary>
    public bool DeletesByNotification { get; }

    /// <summary>Makes a code.</summary>
    /// <exception cref="ProtocolException">A part has the wrong form, or the whole is too long.</exception>
    public static ActivationCode Create(SmdpAddress address, string matchingId, string? smdpOid = null) =>
        TryParse($"1${address}${matchingId}{(smdpOid is null ? "" : "$" + smdpOid)}", out var code)
            ? code
            : throw new ProtocolException("these parts make no activation code");

    /// <summary>Reads a code.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ActivationCode? code)
    {
        code = null;
        if (text is null || text.Length > MaxLength)
        {
            return false;
        }

        var bare = text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? text[Prefix.Length..] : text;
        var fields = bare.Split('$');
        if (fields.Length < 3 || fields[0] != "1" || !SmdpAddress.TryParse(fields[1], out var address) || !fields[2].All(IsMatchingIdCharacter)
            || !AreOptionalFields(fields))
        {
            return false;
        }

        code = new ActivationCode(bare, address, fields);
        return true;
    }

    /// <summary>Reads a code.</summary>
    /// <exception cref="ProtocolException">It is none.</exception>
    public static ActivationCode Parse(string text) =>
        TryParse(text, out var code) ? code : throw new ProtocolException("the text is no activation code");

    /// <summary>Prints without the matching id.</summary>
    public override string ToString() => $"activation code for {Address}";

    // Codes in use end in a "$" behind the last field.
    private static bool AreOptionalFields(string[] fields) =>
        (fields.Length <= MaxFields || (fields.Length == MaxFields + 1 && fields[MaxFields].Length == 0))
        && (Field(fields, 3) is "" || IsOid(Field(fields, 3)))
        && (Field(fields, 4) is "" or "1")
        && IsCiKeyId(Field(fields, 5))
        && (Field(fields, 6) is "" or "0" or "1");

    private static string Field(string[] fields, int index) => index < fields.Length ? fields[index] : "";

    private static bool IsMatchingIdCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';

    private static bool IsCiKeyId(string text) => text.Length <= MaxCiKeyIdDigits && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit);

    private static bool IsOid(string text) => text.Split('.') is { Length: > 1 } arcs && arcs.All(arc => arc.Length > 0 && arc.All(char.IsAsciiDigit));
}

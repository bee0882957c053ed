using System.Diagnostics.CodeAnalysis;

namespace OpenEim.Protocol.Identifiers;

/// <summary>An activation code (SGP.22 4.1): <c>1$address$matching id[$OID[$1]]</c>, with or without the <c>LPA:</c> of its printed form.</summary>
/// <remarks>A secret: whoever has it can take the profile. It prints without its matching id.</remarks>
public sealed record ActivationCode
{
    /// <summary>The greatest length in characters.</summary>
    public const int MaxLength = 255;

    private const string Prefix = "LPA:";

    private ActivationCode(string text, SmdpAddress address, string matchingId, string? oid, bool needsConfirmationCode) =>
        (Text, Address, MatchingId, SmdpOid, NeedsConfirmationCode) = (text, address, matchingId, oid, needsConfirmationCode);

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
        var parts = bare.Split('$');
        if (parts.Length is < 3 or > 5 || parts[0] != "1" || !SmdpAddress.TryParse(parts[1], out var address) || !parts[2].All(IsMatchingIdCharacter))
        {
            return false;
        }

        var oid = parts.Length > 3 && parts[3].Length > 0 ? parts[3] : null;
        if ((oid is not null && !IsOid(oid)) || (parts.Length == 5 && parts[4] is not ("" or "1")))
        {
            return false;
        }

        code = new ActivationCode(bare, address, parts[2], oid, parts.Length == 5 && parts[4] == "1");
        return true;
    }

    /// <summary>Reads a code.</summary>
    /// <exception cref="ProtocolException">It is none.</exception>
    public static ActivationCode Parse(string text) =>
        TryParse(text, out var code) ? code : throw new ProtocolException("the text is no activation code");

    /// <summary>Prints without the matching id.</summary>
    public override string ToString() => $"activation code for {Address}";

    private static bool IsMatchingIdCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';

    private static bool IsOid(string text) => text.Split('.') is { Length: > 1 } arcs && arcs.All(arc => arc.Length > 0 && arc.All(char.IsAsciiDigit));
}

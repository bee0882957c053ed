using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22.Es2Plus;

/// <summary>Checks the fields of the JSON bodies of ES2+.</summary>
internal static class Es2PlusField
{
    public const int MaxTextLength = 255;

    public static FunctionRequestHeader Header(FunctionRequestHeader? header)
    {
        var present = JsonField.Required(header, "header");
        JsonField.Required(present.FunctionRequesterIdentifier, "functionRequesterIdentifier", MaxTextLength);
        JsonField.Required(present.FunctionCallIdentifier, "functionCallIdentifier", MaxTextLength);
        return present;
    }

    public static Eid? OptionalEid(string? value) => value is null ? null : Eid.Parse(value);

    public static Iccid? OptionalIccid(string? value) => value is null ? null : RequiredIccid(value);

    /// <summary>19 or 20 digits, the twentieth of which may be the padding F (SGP.22 6.5.2.1).</summary>
    public static Iccid RequiredIccid(string? value)
    {
        var digits = JsonField.Required(value, "iccid");
        return Iccid.Parse(digits is { Length: 20 } && digits[^1] is 'F' or 'f' ? digits[..^1] : digits);
    }

    /// <summary>Twenty characters: versions before 2.2 do not know ICCIDs of 19 digits without padding.</summary>
    public static string? Write(Iccid? iccid) => iccid?.ToString() is { Length: 19 } digits ? digits + 'F' : iccid?.ToString();

    public static string? OptionalText(string? value, string name) => value is null ? null : JsonField.Required(value, name, MaxTextLength);
}

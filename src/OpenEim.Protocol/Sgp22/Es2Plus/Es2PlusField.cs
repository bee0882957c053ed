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

    /// <summary>18 to 20 digits; SGP.22 6.5.2.1 pads them with F. Hexadecimal ones are read too: profiles with them are in use.</summary>
    public static Iccid RequiredIccid(string? value)
    {
        var digits = JsonField.Required(value, "iccid");
        return digits.Length >= 18 && Iccid.TryParse(digits, out var iccid)
            ? iccid
            : throw new ProtocolException("iccid has no 18 to 20 digits");
    }

    /// <summary>Twenty characters: versions before 2.2 know no ICCID without its padding.</summary>
    public static string? Write(Iccid? iccid) => iccid?.ToString().PadRight(Iccid.MaxDigits, 'F');

    public static string? OptionalText(string? value, string name) => value is null ? null : JsonField.Required(value, name, MaxTextLength);
}

using System.Text.Json;
using OpenEim.Manager.Queries;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Server.Api;

/// <summary>Reads the fields of one element of a request; every failure names the index and the field.</summary>
internal sealed class FieldReader
{
    private readonly JsonElement _element;
    private readonly string _path;
    private readonly List<FieldError> _errors;

    public FieldReader(JsonElement element, int index, List<FieldError> errors)
        : this(element, $"[{index}]", errors)
    {
    }

    /// <param name="element">The object.</param>
    /// <param name="path">What failures call it; empty for the whole body.</param>
    /// <param name="errors">Takes the failures.</param>
    public FieldReader(JsonElement element, string path, List<FieldError> errors)
    {
        (_element, _path, _errors) = (element, path, errors);
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.Add(FieldError.InvalidFormat($"{(path.Length == 0 ? "the body" : path)} must be an object"));
        }
    }

    public void Fail(Func<string, FieldError> kind, string field, string sentence) => _errors.Add(kind($"{PathOf(field)} {sentence}"));

    public string? RequiredText(string field, string reason = "is required", int maxLength = int.MaxValue)
    {
        Require(field, reason);
        return OptionalText(field, maxLength);
    }

    /// <summary>A text of one line.</summary>
    public string? OptionalText(string field, int maxLength)
    {
        if (OptionalLines(field, maxLength) is not { } text)
        {
            return null;
        }

        if (!text.Any(char.IsControl))
        {
            return text;
        }

        // Not every database can hold all of them, and whoever looks at a list on a terminal must not be played with.
        Fail(FieldError.InvalidFormat, field, "must not hold control characters");
        return null;
    }

    /// <summary>A text that may have several lines.</summary>
    public string? OptionalLines(string field, int maxLength)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= maxLength)
        {
            return text;
        }

        Fail(FieldError.InvalidFormat, field, maxLength == int.MaxValue ? "must be a string" : $"must be a string of at most {maxLength} characters");
        return null;
    }

    /// <summary>An ICCID in any of the forms that name it, as <see cref="Iccid"/> reads them.</summary>
    public Iccid? OptionalIccid(string field)
    {
        if (OptionalText(field, int.MaxValue) is not { } text)
        {
            return null;
        }

        if (Iccid.TryParse(text, out var iccid))
        {
            return iccid;
        }

        Fail(FieldError.InvalidFormat, field, $"must have 1 to {Iccid.MaxDigits} hexadecimal digits");
        return null;
    }

    /// <summary>A whole number; <c>1.0</c> is one.</summary>
    public long? OptionalNumber(string field, long min = long.MinValue, long max = long.MaxValue)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (TryWhole(value, out var number) && number >= min && number <= max)
        {
            return number;
        }

        Fail(FieldError.InvalidFormat, field, min > long.MinValue || max < long.MaxValue ? $"must be a whole number from {min} to {max}" : "must be a whole number");
        return null;
    }

    public bool? OptionalFlag(string field)
    {
        switch (Find(field))
        {
            case null: return null;
            case { ValueKind: JsonValueKind.True }: return true;
            case { ValueKind: JsonValueKind.False }: return false;
            default:
                Fail(FieldError.InvalidFormat, field, "must be true or false");
                return null;
        }
    }

    /// <summary>The id of <c>{"id":…}</c>; where the field is there, an id must be.</summary>
    public int? OptionalDescribedId(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("id", out var id) || id.ValueKind == JsonValueKind.Null)
        {
            Fail(value.ValueKind == JsonValueKind.Object ? FieldError.Required : FieldError.InvalidFormat, field, "must be an object with an id");
            return null;
        }

        if (TryWhole(id, out var number) && number is >= int.MinValue and <= int.MaxValue)
        {
            return (int)number;
        }

        Fail(FieldError.InvalidFormat, $"{field}.id", "must be a whole number of at most 32 bits");
        return null;
    }

    /// <summary>The fields of an object in this one.</summary>
    public FieldReader? OptionalObject(string field) =>
        Find(field) is { } value ? new FieldReader(value, PathOf(field), _errors) : null;

    public bool Has(string field) => Find(field) is not null;

    /// <summary>Fails where the field is not there; says nothing of one that is.</summary>
    public void Require(string field, string reason)
    {
        if (!Has(field))
        {
            Fail(FieldError.Required, field, reason);
        }
    }

    private static bool TryWhole(JsonElement value, out long number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out number) || WholeNumber.TryParse(value.GetRawText(), out number));
    }

    private string PathOf(string field) => _path.Length == 0 ? field : $"{_path}.{field}";

    private JsonElement? Find(string field) =>
        _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}

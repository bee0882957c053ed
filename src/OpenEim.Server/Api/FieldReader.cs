using System.Text.Json;

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
        var text = OptionalText(field, maxLength);
        if (text is null && !Has(field))
        {
            Fail(FieldError.Required, field, reason);
        }

        return text;
    }

    public string? OptionalText(string field, int maxLength)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= maxLength)
        {
            if (!text.Contains('\0', StringComparison.Ordinal))
            {
                return text;
            }

            // Not every database can hold it.
            Fail(FieldError.InvalidFormat, field, "must not hold the character U+0000");
            return null;
        }

        Fail(FieldError.InvalidFormat, field, maxLength == int.MaxValue ? "must be a string" : $"must be a string of at most {maxLength} characters");
        return null;
    }

    public long? OptionalNumber(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
        {
            return number;
        }

        Fail(FieldError.InvalidFormat, field, "must be a whole number");
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

    /// <summary>The id of <c>{"id":…}</c>.</summary>
    public int? OptionalDescribedId(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("id", out var id)
            && id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var number))
        {
            return number;
        }

        Fail(FieldError.InvalidFormat, field, "must be an object with a whole number as id");
        return null;
    }

    /// <summary>The fields of an object in this one.</summary>
    public FieldReader? OptionalObject(string field) =>
        Find(field) is { } value ? new FieldReader(value, PathOf(field), _errors) : null;

    public bool Has(string field) => Find(field) is not null;

    private string PathOf(string field) => _path.Length == 0 ? field : $"{_path}.{field}";

    private JsonElement? Find(string field) =>
        _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenEim.Server.Api;

/// <summary>The shapes that are written most, serialised by generated code.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(DateConverter)])]
[JsonSerializable(typeof(EuiccJson))]
[JsonSerializable(typeof(EuiccJson[]))]
[JsonSerializable(typeof(OperationJson))]
[JsonSerializable(typeof(OperationJson[]))]
[JsonSerializable(typeof(ApplicationTokenJson[]))]
[JsonSerializable(typeof(BulkOutcomeJson))]
[JsonSerializable(typeof(DescribedJson[]))]
[JsonSerializable(typeof(EidJson[]))]
[JsonSerializable(typeof(StockProfileJson))]
[JsonSerializable(typeof(StockProfileJson[]))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <summary>Dates as the contract has them: UTC, always three decimals.</summary>
internal sealed class DateConverter : JsonConverter<DateTimeOffset>
{
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[24];
        _ = value.UtcDateTime.TryFormat(text, out var length, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}

/// <summary>A number and what it is called.</summary>
internal sealed record DescribedJson(int Id, string Description)
{
    public static DescribedJson Of(int id, IReadOnlyDictionary<int, string> descriptions) =>
        new(id, descriptions.TryGetValue(id, out var text) ? text : "Unknown");
}

/// <summary>Somebody or something with a name; the id is null where none is known.</summary>
internal sealed record NamedJson(long? Id, string Name);

/// <summary>An EID alone.</summary>
internal sealed record EidJson(string Eid);

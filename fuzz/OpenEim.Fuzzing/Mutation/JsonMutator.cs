using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpenEim.Fuzzing.Mutation;

/// <summary>Changes JSON along its structure, and BER inside base64 along its own.</summary>
internal static class JsonMutator
{
    private static readonly JsonSerializerOptions Options = new() { MaxDepth = 1_000 };

    private static readonly string[] Literals =
    [
        "null", "true", "false", "0", "-1", "1.5", "1e400", "1e-400", "255", "256", "2147483647", "2147483648", "-2147483649", "9223372036854775807",
        "9223372036854775808", "18446744073709551616", "[]", "{}", "[[]]", "[null]", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "\"0\"", "\"-1\"",
        "[{}]", "{\"id\":0}", "{\"id\":-1}", "{\"id\":\"1\"}", "{\"\":null}",
    ];

    /// <summary>Changes a document once; null when it is none.</summary>
    public static byte[]? Mutate(byte[] input, byte[] other, Random random)
    {
        try
        {
            return MutateDocument(input, other, random);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // A document that JsonNode cannot hold, with half of a surrogate pair or no UTF-8 in it; its bytes can still be changed.
            return null;
        }
    }

    private static byte[]? MutateDocument(byte[] input, byte[] other, Random random)
    {
        if (Parse(input) is not { } root)
        {
            return null;
        }

        var slots = Slots(root).ToList();
        if (slots.Count == 0)
        {
            return Encoding.UTF8.GetBytes(Literals[random.Next(Literals.Length)]);
        }

        var (parent, key, index) = slots[random.Next(slots.Count)];
        var old = parent is JsonObject container ? container[key!] : parent[index];
        switch (random.Next(8))
        {
            case 0:
                Remove(parent, key, index);
                break;
            case 1 when parent is JsonObject rename:
                rename.Remove(key!);
                rename[TextMutator.Mutate(key!, key!, random)] = old?.DeepClone();
                break;
            case 2 when parent is JsonArray array:
                var times = random.Next(10) == 0 ? 200 : 1;
                for (var i = 0; i < times; i++)
                {
                    array.Add(old?.DeepClone());
                }

                break;
            case 3 when Parse(other) is { } donor && Slots(donor).ToList() is { Count: > 0 } taken:
                var (from, name, place) = taken[random.Next(taken.Count)];
                Set(parent, key, index, (from is JsonObject source ? source[name!] : from[place])?.DeepClone());
                break;
            case 4:
                return Twice(root, key, random);
            case 5 or 6 when old is JsonValue value && value.TryGetValue<string>(out var text):
                Set(parent, key, index, JsonValue.Create(MutateText(text, random)));
                break;
            default:
                Set(parent, key, index, Literal(random));
                break;
        }

        return Encoding.UTF8.GetBytes(root.ToJsonString(Options));
    }

    private static string MutateText(string text, Random random)
    {
        var buffer = new byte[text.Length];
        if (text.Length > 12 && random.Next(4) > 0 && Convert.TryFromBase64String(text, buffer, out var length)
            && BerMutator.Mutate(buffer[..length], buffer[..length], random) is { } ber)
        {
            return Convert.ToBase64String(ber);
        }

        return TextMutator.Mutate(text, text, random);
    }

    /// <summary>The document with one name in it twice, which no JsonObject can hold.</summary>
    private static byte[] Twice(JsonNode root, string? key, Random random)
    {
        var text = root.ToJsonString(Options);
        var at = text.IndexOf('{', StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(at < 0 || key is null
            ? text + text
            : text[..(at + 1)] + JsonSerializer.Serialize(key) + ":" + Literals[random.Next(Literals.Length)] + (text[at + 1] == '}' ? "" : ",") + text[(at + 1)..]);
    }

    private static JsonNode? Parse(byte[] input)
    {
        try
        {
            return JsonNode.Parse(input, documentOptions: new JsonDocumentOptions { MaxDepth = 100 }) is { } root && Slots(root).Any() ? root : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonNode? Literal(Random random)
    {
        if (random.Next(10) == 0)
        {
            var depth = random.Next(1, 70);
            return JsonNode.Parse(new string('[', depth) + new string(']', depth), documentOptions: new JsonDocumentOptions { MaxDepth = 100 });
        }

        return random.Next(8) == 0 ? JsonValue.Create(new string('x', random.Next(1, 5_000))) : JsonNode.Parse(Literals[random.Next(Literals.Length)]);
    }

    private static IEnumerable<(JsonNode Parent, string? Key, int Index)> Slots(JsonNode? node) => node switch
    {
        JsonObject properties => properties.SelectMany(property => Slots(property.Value).Prepend((node, property.Key, 0))),
        JsonArray items => items.SelectMany((item, index) => Slots(item).Prepend((node, null, index))),
        _ => [],
    };

    private static void Set(JsonNode parent, string? key, int index, JsonNode? value)
    {
        if (parent is JsonObject properties)
        {
            properties[key!] = value;
            return;
        }

        parent[index] = value;
    }

    private static void Remove(JsonNode parent, string? key, int index)
    {
        if (parent is JsonObject properties)
        {
            properties.Remove(key!);
            return;
        }

        ((JsonArray)parent).RemoveAt(index);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OpenEim.Protocol.Sgp22;

/// <summary>Reads and writes the JSON bodies of ES2+ and ES9+ (SGP.22 6.5).</summary>
public static class RspJson
{
    /// <summary>Reads a body.</summary>
    /// <exception cref="ProtocolException">It is not JSON of this shape, or a binary field is not base64.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, type) ?? throw new ProtocolException("the body is null");
        }
        catch (JsonException e)
        {
            throw new ProtocolException("the body is not the JSON of this function", e);
        }
    }

    /// <summary>Writes a body.</summary>
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type) where T : class => JsonSerializer.SerializeToUtf8Bytes(value, type);
}

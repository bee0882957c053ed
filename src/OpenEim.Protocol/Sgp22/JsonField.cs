using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>Checks the fields of the JSON bindings.</summary>
internal static class JsonField
{
    public static T Required<T>(T? value, string name) where T : class => value ?? throw Missing(name);

    public static ReadOnlyMemory<byte> Required(ReadOnlyMemory<byte>? value, string name) => value ?? throw Missing(name);

    /// <summary>A field that holds exactly <paramref name="length"/> raw bytes.</summary>
    public static ReadOnlyMemory<byte> Required(ReadOnlyMemory<byte>? value, string name, int length)
    {
        var bytes = Required(value, name);
        return bytes.Length == length ? bytes : throw new ProtocolException($"{name} holds {bytes.Length} bytes instead of {length}");
    }

    /// <summary>A text of at most <paramref name="maxLength"/> characters.</summary>
    public static string Required(string? value, string name, int maxLength)
    {
        var text = Required(value, name);
        return text.Length <= maxLength ? text : throw new ProtocolException($"{name} is longer than {maxLength} characters");
    }

    public static TransactionId Transaction(string? value) =>
        TransactionId.TryParse(Required(value, "transactionId"), out var id)
            ? id
            : throw new ProtocolException("transactionId is not 1 to 16 bytes in hex");

    /// <summary>A transaction id that may be left out.</summary>
    public static TransactionId? OptionalTransaction(string? value, string name) => value is null ? null
        : TransactionId.TryParse(value, out var id) ? id
        : throw new ProtocolException($"{name} is not 1 to 16 bytes in hex");

    /// <summary>A TLV that may be left out.</summary>
    public static ReadOnlyMemory<byte>? OptionalEncoded(ReadOnlyMemory<byte>? value, string name, uint tag) =>
        value is null ? (ReadOnlyMemory<byte>?)null : Encoded(value, name, tag);

    /// <summary>A field that holds a TLV, or its value alone, as some peers send it; gives the value.</summary>
    public static ReadOnlyMemory<byte> ValueOrEncoded(ReadOnlyMemory<byte>? value, string name, uint tag, int minLength, int maxLength)
    {
        var bytes = Required(value, name);
        bytes = TryReadWhole(bytes, tag) ?? bytes;
        return bytes.Length >= minLength && bytes.Length <= maxLength
            ? bytes
            : throw new ProtocolException($"{name} holds {bytes.Length} bytes instead of {minLength} to {maxLength}");
    }

    /// <summary>A field that holds one whole TLV.</summary>
    public static ReadOnlyMemory<byte> Encoded(ReadOnlyMemory<byte>? value, string name, uint tag)
    {
        var reader = new BerReader(Required(value, name));
        var encoded = reader.ReadEncoded(tag);
        reader.ThrowIfNotEmpty();
        return encoded;
    }

    /// <summary>A field that holds the TLV of a signature; gives raw r‖s.</summary>
    public static ReadOnlyMemory<byte> Signature(ReadOnlyMemory<byte>? value, string name) => SignatureField.Read(Required(value, name));

    private static ReadOnlyMemory<byte>? TryReadWhole(ReadOnlyMemory<byte> bytes, uint tag)
    {
        try
        {
            var reader = new BerReader(bytes);
            var value = reader.ReadValue(tag);
            return reader.HasData ? (ReadOnlyMemory<byte>?)null : value;
        }
        catch (ProtocolException)
        {
            // It is no TLV, so it is the value.
            return null;
        }
    }

    private static ProtocolException Missing(string name) => new($"{name} is missing");
}

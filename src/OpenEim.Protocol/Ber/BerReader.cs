using System.Text;

namespace OpenEim.Protocol.Ber;

/// <summary>Reads a sequence of BER TLVs from memory, without copying and with every bound checked.</summary>
/// <remarks>
/// Tags are written as the standards write them (0xBF51, 0x5F37, 0x30). Lengths are definite: the indefinite form is refused,
/// as SGP.22 and SGP.32 use DER. A length in a longer form than needed is tolerated, as cards send it.
/// Every method throws <see cref="ProtocolException"/> on malformed input and never reads beyond the input.
/// </remarks>
public ref struct BerReader
{
    /// <summary>The deepest nesting that is accepted.</summary>
    public const int MaxDepth = 24;

    private readonly ReadOnlyMemory<byte> _data;
    private readonly int _depth;
    private int _position;

    /// <summary>Starts reading at the first byte of <paramref name="data"/>.</summary>
    public BerReader(ReadOnlyMemory<byte> data) : this(data, 0)
    {
    }

    private BerReader(ReadOnlyMemory<byte> data, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ProtocolException($"TLVs are nested deeper than {MaxDepth} levels");
        }

        _data = data;
        _depth = depth;
    }

    /// <summary>Whether something is left to read.</summary>
    public readonly bool HasData => _position < _data.Length;

    /// <summary>What is left to read, as received.</summary>
    public readonly ReadOnlyMemory<byte> Remaining => _data[_position..];

    /// <summary>The tag of the next TLV, or 0 when nothing is left.</summary>
    public readonly uint PeekTag() => HasData ? ReadHeader(_data.Span[_position..]).Tag : 0;

    /// <summary>Whether the next TLV carries <paramref name="tag"/>.</summary>
    public readonly bool NextIs(uint tag) => PeekTag() == tag;

    /// <summary>Reads any TLV whole, with its tag and length, as received.</summary>
    public ReadOnlyMemory<byte> ReadEncoded(out uint tag)
    {
        var header = ReadHeader(_data.Span[_position..]);
        tag = header.Tag;
        var encoded = _data.Slice(_position, header.HeaderLength + header.ContentLength);
        _position += encoded.Length;
        return encoded;
    }

    /// <summary>Reads the TLV with <paramref name="tag"/> whole, with its tag and length, as received.</summary>
    public ReadOnlyMemory<byte> ReadEncoded(uint tag)
    {
        Expect(tag);
        return ReadEncoded(out _);
    }

    /// <summary>Reads the value of the TLV with <paramref name="tag"/>.</summary>
    public ReadOnlyMemory<byte> ReadValue(uint tag)
    {
        var header = Expect(tag);
        var value = _data.Slice(_position + header.HeaderLength, header.ContentLength);
        _position += header.HeaderLength + header.ContentLength;
        return value;
    }

    /// <summary>Reads the value of the TLV with <paramref name="tag"/> and checks its length in bytes.</summary>
    public ReadOnlyMemory<byte> ReadValue(uint tag, int minLength, int maxLength)
    {
        var value = ReadValue(tag);
        if (value.Length < minLength || value.Length > maxLength)
        {
            throw new ProtocolException(minLength == maxLength
                ? $"{TagText(tag)} holds {value.Length} bytes instead of {minLength}"
                : $"{TagText(tag)} holds {value.Length} bytes instead of {minLength} to {maxLength}");
        }

        return value;
    }

    /// <summary>Reads the value of the next TLV if it carries <paramref name="tag"/>.</summary>
    public bool TryReadValue(uint tag, out ReadOnlyMemory<byte> value)
    {
        var present = NextIs(tag);
        value = present ? ReadValue(tag) : default;
        return present;
    }

    /// <summary>Reads the value of the next TLV if it carries <paramref name="tag"/>, and checks its length in bytes.</summary>
    public ReadOnlyMemory<byte>? OptionalValue(uint tag, int minLength, int maxLength)
    {
        // Not a conditional expression: a null there would become an empty value by way of byte[].
        if (NextIs(tag))
        {
            return ReadValue(tag, minLength, maxLength);
        }

        return null;
    }

    /// <summary>Reads the next TLV whole if it carries <paramref name="tag"/>.</summary>
    public ReadOnlyMemory<byte>? OptionalEncoded(uint tag)
    {
        if (NextIs(tag))
        {
            return ReadEncoded(tag);
        }

        return null;
    }

    /// <summary>Enters the constructed TLV with <paramref name="tag"/>; this reader stands behind it afterwards.</summary>
    public BerReader ReadConstructed(uint tag) => new(ReadValue(tag), _depth + 1);

    /// <summary>Enters the TLV with <paramref name="tag"/>, which must fill what is left of this reader.</summary>
    public BerReader Inside(uint tag)
    {
        var inner = ReadConstructed(tag);
        ThrowIfNotEmpty();
        return inner;
    }

    /// <summary>Enters the next TLV if it carries <paramref name="tag"/>.</summary>
    public bool TryReadConstructed(uint tag, out BerReader inner)
    {
        var present = NextIs(tag);
        inner = present ? ReadConstructed(tag) : default;
        return present;
    }

    /// <summary>Reads an INTEGER of at most eight bytes.</summary>
    public long ReadInteger(uint tag = 0x02)
    {
        var value = ReadValue(tag, 1, 8).Span;
        var number = (long)(sbyte)value[0];
        foreach (var octet in value[1..])
        {
            number = (number << 8) | octet;
        }

        return number;
    }

    /// <summary>Reads an INTEGER that fits 32 bits: a result or error code.</summary>
    public int ReadInt32(uint tag = 0x02)
    {
        var number = ReadInteger(tag);
        return number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : throw new ProtocolException($"{TagText(tag)} holds a number beyond 32 bits");
    }

    /// <summary>Reads an INTEGER if the next TLV carries <paramref name="tag"/>.</summary>
    public long? TryReadInteger(uint tag) => NextIs(tag) ? ReadInteger(tag) : null;

    /// <summary>Reads a UTF8String, its length counted in bytes.</summary>
    public string ReadUtf8(uint tag, int minLength, int maxLength)
    {
        var value = ReadValue(tag, minLength, maxLength).Span;
        try
        {
            return StrictUtf8.GetString(value);
        }
        catch (DecoderFallbackException e)
        {
            throw new ProtocolException($"{TagText(tag)} is not valid UTF-8", e);
        }
    }

    /// <summary>Reads a UTF8String if the next TLV carries <paramref name="tag"/>.</summary>
    public string? TryReadUtf8(uint tag, int maxLength) => NextIs(tag) ? ReadUtf8(tag, 0, maxLength) : null;

    /// <summary>Reads text that may be anything: what is not UTF-8, and the character 0, which databases do not take, become U+FFFD.</summary>
    public string ReadText(uint tag) => Encoding.UTF8.GetString(ReadValue(tag).Span).Replace('\0', '\uFFFD');

    /// <summary>Reads a BOOLEAN; any value but zero is true, as BER has it.</summary>
    public bool ReadBoolean(uint tag = 0x01) => ReadValue(tag, 1, 1).Span[0] != 0;

    /// <summary>Reads a NULL if the next TLV carries <paramref name="tag"/>.</summary>
    public bool TryReadNull(uint tag = 0x05)
    {
        if (!NextIs(tag))
        {
            return false;
        }

        ReadValue(tag, 0, 0);
        return true;
    }

    /// <summary>Reads a BIT STRING of named bits: bit 0 of the result is the first named bit. Bits from 32 on are ignored.</summary>
    public uint ReadNamedBits(uint tag = 0x03)
    {
        var value = ReadValue(tag).Span;
        if (value.IsEmpty || value[0] > 7 || (value.Length == 1 && value[0] != 0))
        {
            throw new ProtocolException($"{TagText(tag)} is not a valid BIT STRING");
        }

        var bits = 0u;
        var count = Math.Min(((value.Length - 1) * 8) - value[0], 32);
        for (var i = 0; i < count; i++)
        {
            if ((value[1 + (i / 8)] & (0x80 >> (i % 8))) != 0)
            {
                bits |= 1u << i;
            }
        }

        return bits;
    }

    /// <summary>Reads a BIT STRING of named bits if the next TLV carries <paramref name="tag"/>.</summary>
    public uint? TryReadNamedBits(uint tag) => NextIs(tag) ? ReadNamedBits(tag) : null;

    /// <summary>Skips what a newer version of the standard may have added (extensibility is implied), checking that it is well formed.</summary>
    public void SkipUnknown()
    {
        while (HasData)
        {
            ReadEncoded(out _);
        }
    }

    /// <summary>Throws if anything is left.</summary>
    public readonly void ThrowIfNotEmpty()
    {
        if (HasData)
        {
            throw new ProtocolException($"{_data.Length - _position} unexpected bytes behind the last TLV");
        }
    }

    /// <summary>The exception for a tag that a CHOICE does not know.</summary>
    public static ProtocolException Unexpected(uint tag) =>
        new(tag == 0 ? "a TLV is missing" : $"unexpected {TagText(tag)}");

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly Header Expect(uint tag)
    {
        if (!HasData)
        {
            throw new ProtocolException($"{TagText(tag)} is missing");
        }

        var header = ReadHeader(_data.Span[_position..]);
        return header.Tag == tag
            ? header
            : throw new ProtocolException($"expected {TagText(tag)}, found {TagText(header.Tag)}");
    }

    private static string TagText(uint tag) => $"tag {tag:X2}";

    private readonly record struct Header(uint Tag, int HeaderLength, int ContentLength);

    private static Header ReadHeader(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            throw new ProtocolException("a TLV is missing");
        }

        var position = 1;
        uint tag = data[0];
        if ((data[0] & 0x1F) == 0x1F)
        {
            byte next;
            do
            {
                if (position == data.Length)
                {
                    throw new ProtocolException("a tag is cut short");
                }

                if (position == 4)
                {
                    throw new ProtocolException("a tag is longer than four bytes");
                }

                next = data[position++];
                tag = (tag << 8) | next;
            }
            while ((next & 0x80) != 0);
        }

        if (position == data.Length)
        {
            throw new ProtocolException($"{TagText(tag)} has no length");
        }

        int length = data[position++];
        if (length == 0x80)
        {
            throw new ProtocolException($"{TagText(tag)} has an indefinite length");
        }

        if (length > 0x80)
        {
            var octets = length & 0x7F;
            if (octets > 4 || octets > data.Length - position)
            {
                throw new ProtocolException($"{TagText(tag)} has a length field that does not fit");
            }

            long value = 0;
            for (var i = 0; i < octets; i++)
            {
                value = (value << 8) | data[position++];
            }

            length = value <= int.MaxValue ? (int)value : int.MaxValue;
        }

        return length <= data.Length - position
            ? new Header(tag, position, length)
            : throw new ProtocolException($"{TagText(tag)} is cut short: {length} bytes announced, {data.Length - position} there");
    }
}

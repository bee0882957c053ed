using System.Formats.Asn1;

namespace OpenEim.Protocol.Ber;

/// <summary>Lets an <see cref="AsnWriter"/> speak in tags as the standards write them (0xBF51, 0x5F37, 0x30).</summary>
public static class BerWriting
{
    /// <summary>Writes with <paramref name="write"/> and returns the bytes.</summary>
    /// <remarks>
    /// The writer follows BER rules so that slices received from others can be carried as they came; everything that it
    /// writes itself is DER: definite shortest lengths, FF for true, zero unused bits.
    /// </remarks>
    public static byte[] Encode(Action<AsnWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var writer = new AsnWriter(AsnEncodingRules.BER);
        write(writer);
        return writer.Encode();
    }

    /// <summary>Encodes one message.</summary>
    public static byte[] Encode(this IBerMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Encode(message.Encode);
    }

    /// <summary>Opens a constructed TLV; it ends when the scope is disposed.</summary>
    public static AsnWriter.Scope Constructed(this AsnWriter writer, uint tag)
    {
        ArgumentNullException.ThrowIfNull(writer);
        return writer.PushSequence(ToAsn1Tag(tag));
    }

    /// <summary>Writes a primitive TLV with the given value.</summary>
    public static void Octets(this AsnWriter writer, uint tag, ReadOnlySpan<byte> value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (tag is < 0x20 and not 0x04)
        {
            // AsnWriter ties the universal tags to their types; here the value's bytes are at hand, of whatever type.
            var other = new AsnWriter(AsnEncodingRules.DER);
            other.WriteOctetString(value);
            var encoded = other.Encode();
            encoded[0] = (byte)tag;
            writer.WriteEncodedValue(encoded);
            return;
        }

        writer.WriteOctetString(value, ToAsn1Tag(tag));
    }

    /// <summary>Writes a primitive TLV if there is a value.</summary>
    public static void OptionalOctets(this AsnWriter writer, uint tag, ReadOnlyMemory<byte>? value)
    {
        if (value is { } present)
        {
            writer.Octets(tag, present.Span);
        }
    }

    /// <summary>Writes a constructed TLV around TLVs that are already encoded, if there are any.</summary>
    /// <exception cref="ProtocolException">They are not TLVs.</exception>
    public static void OptionalConstructed(this AsnWriter writer, uint tag, ReadOnlyMemory<byte>? content)
    {
        if (content is { } present)
        {
            using (writer.Constructed(tag))
            {
                writer.Raw(present.Span);
            }
        }
    }

    /// <summary>Writes an INTEGER.</summary>
    public static void Integer(this AsnWriter writer, uint tag, long value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteInteger(value, ToAsn1Tag(tag));
    }

    /// <summary>Writes an INTEGER if there is one.</summary>
    public static void OptionalInteger(this AsnWriter writer, uint tag, long? value)
    {
        if (value is { } present)
        {
            writer.Integer(tag, present);
        }
    }

    /// <summary>Writes a UTF8String.</summary>
    public static void Utf8(this AsnWriter writer, uint tag, string value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteCharacterString(UniversalTagNumber.UTF8String, value, ToAsn1Tag(tag));
    }

    /// <summary>Writes a UTF8String if there is one.</summary>
    public static void OptionalUtf8(this AsnWriter writer, uint tag, string? value)
    {
        if (value is not null)
        {
            writer.Utf8(tag, value);
        }
    }

    /// <summary>Writes a NULL if <paramref name="present"/>.</summary>
    public static void OptionalNull(this AsnWriter writer, uint tag, bool present)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (present)
        {
            if (tag == 0x05)
            {
                writer.WriteNull();
                return;
            }

            writer.Octets(tag, []);
        }
    }

    /// <summary>Writes a BOOLEAN, true as FF.</summary>
    public static void Boolean(this AsnWriter writer, uint tag, bool value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteBoolean(value, ToAsn1Tag(tag));
    }

    /// <summary>Writes a BIT STRING of named bits: bit 0 of <paramref name="bits"/> comes first, trailing zero bits are left out.</summary>
    public static void NamedBits(this AsnWriter writer, uint tag, uint bits)
    {
        var used = 32 - System.Numerics.BitOperations.LeadingZeroCount(bits);
        Span<byte> value = stackalloc byte[5];
        value.Clear();
        for (var i = 0; i < used; i++)
        {
            if ((bits & (1u << i)) != 0)
            {
                value[1 + (i / 8)] |= (byte)(0x80 >> (i % 8));
            }
        }

        var octets = (used + 7) / 8;
        value[0] = (byte)((octets * 8) - used);
        writer.Octets(tag, value[..(1 + octets)]);
    }

    /// <summary>Writes a BIT STRING of named bits if there is one.</summary>
    public static void OptionalNamedBits(this AsnWriter writer, uint tag, uint? bits)
    {
        if (bits is { } present)
        {
            writer.NamedBits(tag, present);
        }
    }

    /// <summary>Writes TLVs that are already encoded, byte for byte.</summary>
    /// <exception cref="ProtocolException">They are not TLVs.</exception>
    public static void Raw(this AsnWriter writer, ReadOnlySpan<byte> encoded)
    {
        ArgumentNullException.ThrowIfNull(writer);
        try
        {
            while (!encoded.IsEmpty)
            {
                AsnDecoder.ReadEncodedValue(encoded, AsnEncodingRules.BER, out _, out _, out var consumed);
                writer.WriteEncodedValue(encoded[..consumed]);
                encoded = encoded[consumed..];
            }
        }
        catch (AsnContentException e)
        {
            // Some decoders put received bytes into a new frame, and those bytes may be anything.
            throw new ProtocolException("bytes to be carried along are not TLVs", e);
        }
    }

    private static Asn1Tag ToAsn1Tag(uint tag)
    {
        var first = tag;
        while (first > 0xFF)
        {
            first >>= 8;
        }

        var number = 0;
        if (tag <= 0xFF)
        {
            number = (int)(tag & 0x1F);
        }
        else
        {
            for (var shift = 16; shift >= 0; shift -= 8)
            {
                if (tag >> (shift + 8) != 0)
                {
                    number = (number << 7) | (int)((tag >> shift) & 0x7F);
                }
            }
        }

        return new Asn1Tag((TagClass)(first & 0xC0), number, (first & 0x20) != 0);
    }
}

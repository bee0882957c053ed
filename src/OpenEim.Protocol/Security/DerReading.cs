using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Security;

/// <summary>What certificates and keys need beyond the reader of messages: object identifiers, bit strings, times, text.</summary>
internal static class DerReading
{
    /// <summary>Reads an OBJECT IDENTIFIER as dotted numbers.</summary>
    public static string ReadOid(this ref BerReader reader, uint tag = 0x06)
    {
        var value = reader.ReadValue(tag, 1, 64);
        Span<byte> encoded = stackalloc byte[66];
        encoded[0] = 0x06;
        encoded[1] = (byte)value.Length;
        value.Span.CopyTo(encoded[2..]);
        try
        {
            return AsnDecoder.ReadObjectIdentifier(encoded[..(2 + value.Length)], AsnEncodingRules.DER, out _);
        }
        catch (AsnContentException e)
        {
            throw new ProtocolException("an OBJECT IDENTIFIER is malformed", e);
        }
    }

    /// <summary>Reads a BIT STRING whose bits fill whole bytes.</summary>
    public static ReadOnlyMemory<byte> ReadBits(this ref BerReader reader, uint tag = 0x03)
    {
        var value = reader.ReadValue(tag, 1, int.MaxValue);
        return value.Span[0] == 0
            ? value[1..]
            : throw new ProtocolException("a BIT STRING of bytes has unused bits");
    }

    /// <summary>Reads a Time of RFC 5280, 4.1.2.5: UTCTime for 1950 to 2049, GeneralizedTime up to the year 9999.</summary>
    public static DateTimeOffset ReadTime(this ref BerReader reader)
    {
        var encoded = reader.ReadEncoded(out var tag).Span;
        try
        {
            return tag switch
            {
                0x17 => AsnDecoder.ReadUtcTime(encoded, AsnEncodingRules.DER, out _, twoDigitYearMax: 2049),
                0x18 => AsnDecoder.ReadGeneralizedTime(encoded, AsnEncodingRules.DER, out _),
                _ => throw BerReader.Unexpected(tag),
            };
        }
        catch (AsnContentException e)
        {
            throw new ProtocolException("a time is malformed", e);
        }
    }

    /// <summary>Reads a DirectoryString, or the IA5String that some use in its place.</summary>
    public static string ReadText(this ref BerReader reader)
    {
        var encoded = reader.ReadEncoded(out var tag).Span;
        if (tag is not (0x0C or 0x13 or 0x14 or 0x16 or 0x1E))
        {
            throw BerReader.Unexpected(tag);
        }

        try
        {
            return AsnDecoder.ReadCharacterString(encoded, AsnEncodingRules.BER, (UniversalTagNumber)tag, out _);
        }
        catch (AsnContentException e)
        {
            throw new ProtocolException($"a text of type {tag:X2} is malformed", e);
        }
    }
}

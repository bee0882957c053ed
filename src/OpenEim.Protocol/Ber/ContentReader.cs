using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Ber;

/// <summary>Reads a value under its tag, from a reader that holds its TLV alone.</summary>
internal delegate T ReadField<out T>(ref BerReader reader, uint tag);

/// <summary>Reads the fields of a SEQUENCE, in whatever order, and never throws for one of them.</summary>
/// <remarks>
/// This is the lenient half of reading what a device says: a message's frame and the parts that a signature covers are read
/// strictly with <see cref="BerReader"/>; what stands inside is read with this. A value that cannot be read is left out and
/// reported. A field that the caller does not read is skipped. When the rest is no TLV, it is reported and reading ends.
/// </remarks>
internal ref struct ContentReader(BerReader reader, UnreadableValues unreadable)
{
    private BerReader _reader = reader;

    /// <summary>The tag of the current field.</summary>
    public uint Tag { get; private set; }

    /// <summary>The current field, with its tag and length.</summary>
    public ReadOnlyMemory<byte> Encoded { get; private set; }

    /// <summary>What was left where the bytes are no TLV; null otherwise. Nothing behind it is read.</summary>
    public UnreadableValue? Broken { get; private set; }

    /// <summary>Where the unreadable values of the message are collected.</summary>
    public readonly UnreadableValues Unreadable => unreadable;

    /// <summary>Goes to the next field.</summary>
    /// <returns>False at the end.</returns>
    public bool Read()
    {
        if (!_reader.HasData)
        {
            return false;
        }

        var rest = _reader.Remaining;
        try
        {
            Encoded = _reader.ReadEncoded(out var tag);
            Tag = tag;
            return true;
        }
        catch (ProtocolException e)
        {
            Broken = unreadable.Add(0, rest, e.Message);
            _reader = default;
            return false;
        }
    }

    /// <summary>The fields inside the current one.</summary>
    public readonly ContentReader Inside() => new(new BerReader(Encoded).ReadConstructed(Tag), unreadable);

    /// <summary>The current field by <paramref name="read"/>; null, and reported, when it cannot be read.</summary>
    public readonly T? Value<T>(ReadField<T> read)
        where T : struct => TryRead(read, out var value) ? value : null;

    /// <summary>The current field by <paramref name="read"/>; null, and reported, when it cannot be read.</summary>
    public readonly T? Object<T>(ReadField<T> read)
        where T : class => TryRead(read, out var value) ? value : null;

    /// <summary>An INTEGER of at most 64 bits.</summary>
    public readonly long? Integer() => Value(static (ref BerReader field, uint tag) => field.ReadInteger(tag));

    /// <summary>An INTEGER of at most 32 bits: a code.</summary>
    public readonly int? Int32() => Value(static (ref BerReader field, uint tag) => field.ReadInt32(tag));

    /// <summary>A BIT STRING of named bits.</summary>
    public readonly uint? NamedBits() => Value(static (ref BerReader field, uint tag) => field.ReadNamedBits(tag));

    /// <summary>A BOOLEAN.</summary>
    public readonly bool? Boolean() => Value(static (ref BerReader field, uint tag) => field.ReadBoolean(tag));

    /// <summary>Text of any length, with replacement characters for what is not UTF-8.</summary>
    public readonly string Text() => new BerReader(Encoded).ReadText(Tag);

    /// <summary>Bytes of any number.</summary>
    public readonly ReadOnlyMemory<byte> Bytes() => new BerReader(Encoded).ReadValue(Tag);

    /// <summary>The bytes of the TLVs inside, which can be written again; null, and reported, when they are none.</summary>
    public readonly ReadOnlyMemory<byte>? TlvBytes() => Value(static (ref BerReader field, uint tag) =>
    {
        var value = field.ReadValue(tag);
        new BerReader(value).SkipUnknown();
        return value;
    });

    /// <summary>Bytes of a number that the standard bounds.</summary>
    public readonly ReadOnlyMemory<byte>? Bytes(int minLength, int maxLength)
    {
        var bytes = Bytes();
        if (bytes.Length >= minLength && bytes.Length <= maxLength)
        {
            return bytes;
        }

        Report($"tag {Tag:X2} holds {bytes.Length} bytes instead of {minLength} to {maxLength}");
        return null;
    }

    /// <summary>An ICCID: 10 bytes.</summary>
    public readonly Iccid? Iccid() => Value(static (ref BerReader field, uint tag) => Identifiers.Iccid.FromBytes(field.ReadValue(tag).Span));

    /// <summary>A transaction id: 1 to 16 bytes.</summary>
    public readonly TransactionId? TransactionId() => Value(static (ref BerReader field, uint tag) => field.ReadTransactionId(tag));

    /// <summary>A version: 3 bytes.</summary>
    public readonly VersionNumber? Version() => Value(static (ref BerReader field, uint tag) => VersionNumber.Read(ref field, tag));

    /// <summary>Reports the current field as unreadable.</summary>
    public readonly void Report(string reason) => unreadable.Add(Tag, Encoded, reason);

    private readonly bool TryRead<T>(ReadField<T> read, out T value)
    {
        try
        {
            var field = new BerReader(Encoded);
            value = read(ref field, Tag);
            return true;
        }
        catch (ProtocolException e)
        {
            Report(e.Message);
            value = default!;
            return false;
        }
    }
}

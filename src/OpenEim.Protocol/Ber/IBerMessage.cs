using System.Formats.Asn1;

namespace OpenEim.Protocol.Ber;

/// <summary>A wire message or a part of one, that can write itself with its tag.</summary>
public interface IBerMessage
{
    /// <summary>Writes the TLV.</summary>
    void Encode(AsnWriter writer);
}

/// <summary>A wire message or a part of one, that can also be read.</summary>
public interface IBerMessage<TSelf> : IBerMessage where TSelf : IBerMessage<TSelf>
{
    /// <summary>Reads the TLV, tag included, and leaves the reader behind it.</summary>
    /// <exception cref="ProtocolException">The bytes are not such a message.</exception>
    static abstract TSelf Decode(ref BerReader reader);
}

/// <summary>Reads whole messages.</summary>
public static class BerMessage
{
    /// <summary>Reads one message that must fill <paramref name="data"/>.</summary>
    /// <exception cref="ProtocolException">The bytes are not such a message, or something follows it.</exception>
    public static T Decode<T>(ReadOnlyMemory<byte> data) where T : IBerMessage<T>
    {
        var reader = new BerReader(data);
        var message = T.Decode(ref reader);
        reader.ThrowIfNotEmpty();
        return message;
    }
}

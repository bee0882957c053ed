using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>An eIM Configuration Operation (SGP.32 2.11.1.1.2), a CHOICE of A8, A9, AA and AB.</summary>
public abstract record Eco : IBerMessage<Eco>
{
    private protected Eco()
    {
    }

    /// <summary>Reads one eCO.</summary>
    public static Eco Decode(ref BerReader reader)
    {
        var tag = reader.PeekTag();
        switch (tag)
        {
            case AddEim.Tag: return new AddEim(EimConfigurationData.Decode(ref reader, tag));
            case DeleteEim.Tag:
                var delete = reader.ReadConstructed(tag);
                var command = new DeleteEim(delete.ReadUtf8(0x80, 1, 128));
                delete.SkipUnknown();
                return command;
            case UpdateEim.Tag: return new UpdateEim(EimConfigurationData.Decode(ref reader, tag));
            case ListEim.Tag:
                var list = reader.ReadConstructed(tag);
                list.SkipUnknown();
                return new ListEim();
            default: throw BerReader.Unexpected(tag);
        }
    }

    /// <inheritdoc/>
    public abstract void Encode(AsnWriter writer);
}

/// <summary>addEim, A8.</summary>
public sealed record AddEim(EimConfigurationData Data) : Eco
{
    internal const uint Tag = 0xA8;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer) => Data.Encode(writer, Tag);
}

/// <summary>deleteEim, A9.</summary>
public sealed record DeleteEim(string EimId) : Eco
{
    internal const uint Tag = 0xA9;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Tag))
        {
            writer.Utf8(0x80, EimId);
        }
    }
}

/// <summary>updateEim, AA.</summary>
public sealed record UpdateEim(EimConfigurationData Data) : Eco
{
    internal const uint Tag = 0xAA;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer) => Data.Encode(writer, Tag);
}

/// <summary>listEim, AB.</summary>
public sealed record ListEim : Eco
{
    internal const uint Tag = 0xAB;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Tag))
        {
        }
    }
}

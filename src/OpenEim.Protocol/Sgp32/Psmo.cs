using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>A Profile State Management Operation (SGP.32 2.11.1.1.3), a CHOICE of A3 to A9, BF2D and BF65.</summary>
public abstract record Psmo : IBerMessage<Psmo>
{
    private protected Psmo()
    {
    }

    /// <summary>Reads one PSMO.</summary>
    /// <exception cref="ProtocolException">Malformed, or a command that this version does not know.</exception>
    public static Psmo Decode(ref BerReader reader)
    {
        var tag = reader.PeekTag();
        switch (tag)
        {
            case EnableProfile.Tag:
                var enable = reader.ReadConstructed(tag);
                var command = new EnableProfile(enable.ReadIccid(), enable.TryReadNull());
                enable.SkipUnknown();
                return command;
            case DisableProfile.Tag: return new DisableProfile(ReadIccidOnly(ref reader, tag));
            case DeleteProfile.Tag: return new DeleteProfile(ReadIccidOnly(ref reader, tag));
            case GetRat.Tag: return ReadEmpty(ref reader, tag, new GetRat());
            case ConfigureImmediateEnable.Tag: return ConfigureImmediateEnable.Read(reader.ReadConstructed(tag));
            case SetFallbackAttribute.Tag: return new SetFallbackAttribute(ReadIccidOnly(ref reader, tag));
            case UnsetFallbackAttribute.Tag: return ReadEmpty(ref reader, tag, new UnsetFallbackAttribute());
            case Sgp22Tags.ProfileInfoList: return new ListProfileInfo(ProfileInfoListRequest.Decode(ref reader));
            case Sgp32Tags.SetDefaultDpAddress: return SetDefaultDpAddress.Read(reader.ReadConstructed(tag));
            default: throw BerReader.Unexpected(tag);
        }
    }

    /// <inheritdoc/>
    public abstract void Encode(AsnWriter writer);

    private static Iccid ReadIccidOnly(ref BerReader reader, uint tag)
    {
        var inner = reader.ReadConstructed(tag);
        var iccid = inner.ReadIccid();
        inner.SkipUnknown();
        return iccid;
    }

    private static Psmo ReadEmpty(ref BerReader reader, uint tag, Psmo psmo)
    {
        var inner = reader.ReadConstructed(tag);
        inner.SkipUnknown();
        return psmo;
    }

    private protected static void WriteIccid(AsnWriter writer, uint tag, Iccid iccid, bool rollback = false)
    {
        using (writer.Constructed(tag))
        {
            writer.IccidValue(iccid);
            writer.OptionalNull(0x05, rollback);
        }
    }
}

/// <summary>enable, A3. With <paramref name="Rollback"/> the IPA may go back to the previous profile when the new one has no network.</summary>
public sealed record EnableProfile(Iccid Iccid, bool Rollback) : Psmo
{
    internal const uint Tag = 0xA3;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer) => WriteIccid(writer, Tag, Iccid, Rollback);
}

/// <summary>disable, A4.</summary>
public sealed record DisableProfile(Iccid Iccid) : Psmo
{
    internal const uint Tag = 0xA4;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer) => WriteIccid(writer, Tag, Iccid);
}

/// <summary>delete, A5.</summary>
public sealed record DeleteProfile(Iccid Iccid) : Psmo
{
    internal const uint Tag = 0xA5;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer) => WriteIccid(writer, Tag, Iccid);
}

/// <summary>listProfileInfo, BF2D.</summary>
public sealed record ListProfileInfo(ProfileInfoListRequest Request) : Psmo
{
    /// <inheritdoc/>
    public override void Encode(AsnWriter writer) => Request.Encode(writer);
}

/// <summary>getRAT, A6.</summary>
public sealed record GetRat : Psmo
{
    internal const uint Tag = 0xA6;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Tag))
        {
        }
    }
}

/// <summary>configureImmediateEnable, A7.</summary>
/// <param name="Enable">80: whether immediate enabling is allowed.</param>
/// <param name="SmdpOid">81: value bytes of an OBJECT IDENTIFIER.</param>
/// <param name="SmdpAddress">82.</param>
public sealed record ConfigureImmediateEnable(bool Enable, ReadOnlyMemory<byte>? SmdpOid = null, string? SmdpAddress = null) : Psmo
{
    internal const uint Tag = 0xA7;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Tag))
        {
            writer.OptionalNull(0x80, Enable);
            writer.OptionalOctets(0x81, SmdpOid);
            writer.OptionalUtf8(0x82, SmdpAddress);
        }
    }

    internal static ConfigureImmediateEnable Read(BerReader inner)
    {
        var command = new ConfigureImmediateEnable(
            inner.TryReadNull(0x80), inner.OptionalValue(0x81, 1, 64), inner.TryReadUtf8(0x82, 255));
        inner.SkipUnknown();
        return command;
    }
}

/// <summary>setFallbackAttribute, A8.</summary>
public sealed record SetFallbackAttribute(Iccid Iccid) : Psmo
{
    internal const uint Tag = 0xA8;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer) => WriteIccid(writer, Tag, Iccid);
}

/// <summary>unsetFallbackAttribute, A9.</summary>
public sealed record UnsetFallbackAttribute : Psmo
{
    internal const uint Tag = 0xA9;

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Tag))
        {
        }
    }
}

/// <summary>setDefaultDpAddress, BF65: as a PSMO, and as the ES10b request of the same form.</summary>
public sealed record SetDefaultDpAddress(string Address) : Psmo
{
    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.SetDefaultDpAddress))
        {
            writer.Utf8(0x80, Address);
        }
    }

    internal static SetDefaultDpAddress Read(BerReader inner)
    {
        var command = new SetDefaultDpAddress(inner.ReadUtf8(0x80, 0, 255));
        inner.SkipUnknown();
        return command;
    }
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 ProfileState.</summary>
public enum ProfileState
{
    /// <summary>On the eUICC, not active.</summary>
    Disabled = 0,

    /// <summary>On the eUICC, active.</summary>
    Enabled = 1,
}

/// <summary>SGP.22 ProfileClass.</summary>
public enum ProfileClass
{
    /// <summary>Test profile.</summary>
    Test = 0,

    /// <summary>Provisioning profile.</summary>
    Provisioning = 1,

    /// <summary>Operational profile.</summary>
    Operational = 2,
}

/// <summary>SGP.22 PprIds: profile policy rules.</summary>
[Flags]
public enum ProfilePolicyRules
{
    /// <summary>No rule.</summary>
    None = 0,

    /// <summary>How rules are updated over ES6.</summary>
    UpdateControl = 1,

    /// <summary>PPR1: disabling is not allowed.</summary>
    DisablingNotAllowed = 2,

    /// <summary>PPR2: deletion is not allowed.</summary>
    DeletionNotAllowed = 4,
}

/// <summary>SGP.22 NotificationConfigurationInformation: who wants to hear of which events.</summary>
public sealed record NotificationConfiguration(NotificationEvents Events, string Address)
{
    /// <summary>Reads a list; an entry without readable events or address is left out.</summary>
    internal static List<NotificationConfiguration> ReadList(ContentReader list)
    {
        var configurations = new List<NotificationConfiguration>();
        while (list.Read())
        {
            if (list.Tag == 0x30 && ReadEntry(list.Inside()) is { } configuration)
            {
                configurations.Add(configuration);
            }
        }

        return configurations;
    }

    private static NotificationConfiguration? ReadEntry(ContentReader fields)
    {
        var (events, address) = ((NotificationEvents?)null, (string?)null);
        while (fields.Read())
        {
            switch (fields.Tag)
            {
                case 0x80: events = (NotificationEvents?)fields.NamedBits(); break;
                case 0x81: address = fields.Text(); break;
            }
        }

        return events is { } known && address is not null ? new NotificationConfiguration(known, address) : null;
    }

    internal static void WriteList(AsnWriter writer, IReadOnlyList<NotificationConfiguration>? configurations)
    {
        if (configurations is null)
        {
            return;
        }

        using (writer.Constructed(0xB6))
        {
            foreach (var configuration in configurations)
            {
                using (writer.Constructed(0x30))
                {
                    writer.NamedBits(0x80, (uint)configuration.Events);
                    writer.Utf8(0x81, configuration.Address);
                }
            }
        }
    }
}

/// <summary>ProfileInfo, tag E3 (SGP.22 5.7.15, with the fields that SGP.32 adds): what the eUICC tells of a profile. What was not asked for, or cannot be read, is null.</summary>
public sealed record ProfileInfo : IBerMessage<ProfileInfo>
{
    /// <summary>5A.</summary>
    public Iccid? Iccid { get; init; }

    /// <summary>4F: AID of the ISD-P, 1 to 16 bytes.</summary>
    public ReadOnlyMemory<byte>? IsdpAid { get; init; }

    /// <summary>9F70.</summary>
    public ProfileState? State { get; init; }

    /// <summary>90: by the standard at most 64 characters; any number is read.</summary>
    public string? Nickname { get; init; }

    /// <summary>91: by the standard at most 32 characters; any number is read.</summary>
    public string? ServiceProviderName { get; init; }

    /// <summary>92: by the standard at most 64 characters; any number is read.</summary>
    public string? ProfileName { get; init; }

    /// <summary>93: 0 JPG, 1 PNG.</summary>
    public int? IconType { get; init; }

    /// <summary>94: by the standard at most 1024 bytes; any number is read.</summary>
    public ReadOnlyMemory<byte>? Icon { get; init; }

    /// <summary>95.</summary>
    public ProfileClass? Class { get; init; }

    /// <summary>B6.</summary>
    public IReadOnlyList<NotificationConfiguration>? NotificationConfigurations { get; init; }

    /// <summary>B7: OperatorId, the value bytes.</summary>
    public ReadOnlyMemory<byte>? Owner { get; init; }

    /// <summary>99.</summary>
    public ProfilePolicyRules? PolicyRules { get; init; }

    /// <summary>9F26: whether this is the fallback profile (SGP.32, DEFAULT FALSE: null is false where it was asked for and is not unreadable).</summary>
    public bool? FallbackAttribute { get; init; }

    /// <summary>9F67: whether the owner allows it to be the fallback (SGP.32).</summary>
    public bool? FallbackAllowed { get; init; }

    /// <summary>BF64, since v1.3: iotSpecificProfileInfo, the value bytes; the standard puts nothing into it yet.</summary>
    public ReadOnlyMemory<byte>? IotSpecific { get; init; }

    /// <summary>What could not be read; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; init; } = [];

    /// <inheritdoc/>
    public static ProfileInfo Decode(ref BerReader reader)
    {
        var unreadable = new UnreadableValues();
        var fields = new ContentReader(reader.ReadConstructed(0xE3), unreadable);
        var info = new ProfileInfo();
        while (fields.Read())
        {
            info = info.With(fields);
        }

        return info with { Unreadable = unreadable.ToList() };
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xE3))
        {
            if (Iccid is { } iccid)
            {
                writer.IccidValue(iccid);
            }

            writer.OptionalOctets(0x4F, IsdpAid);
            writer.OptionalInteger(0x9F70, (int?)State);
            writer.OptionalUtf8(0x90, Nickname);
            writer.OptionalUtf8(0x91, ServiceProviderName);
            writer.OptionalUtf8(0x92, ProfileName);
            writer.OptionalInteger(0x93, IconType);
            writer.OptionalOctets(0x94, Icon);
            writer.OptionalInteger(0x95, (int?)Class);
            NotificationConfiguration.WriteList(writer, NotificationConfigurations);
            if (Owner is { } owner)
            {
                using (writer.Constructed(0xB7))
                {
                    writer.Raw(owner.Span);
                }
            }

            writer.OptionalNamedBits(0x99, (uint?)PolicyRules);
            if (FallbackAttribute == true)
            {
                writer.Boolean(0x9F26, true);
            }

            if (FallbackAllowed is { } allowed)
            {
                writer.Boolean(0x9F67, allowed);
            }

            writer.OptionalConstructed(0xBF64, IotSpecific);
        }
    }

    private ProfileInfo With(ContentReader field) => field.Tag switch
    {
        0x5A => this with { Iccid = field.Iccid() },
        0x4F => this with { IsdpAid = field.Bytes(1, 16) },
        0x9F70 => this with { State = (ProfileState?)field.Int32() },
        0x90 => this with { Nickname = field.Text() },
        0x91 => this with { ServiceProviderName = field.Text() },
        0x92 => this with { ProfileName = field.Text() },
        0x93 => this with { IconType = field.Int32() },
        0x94 => this with { Icon = field.Bytes() },
        0x95 => this with { Class = (ProfileClass?)field.Int32() },
        0xB6 => this with { NotificationConfigurations = NotificationConfiguration.ReadList(field.Inside()) },
        0xB7 => this with { Owner = field.Bytes() },
        0x99 => this with { PolicyRules = (ProfilePolicyRules?)field.NamedBits() },
        0x9F26 => this with { FallbackAttribute = field.Boolean() },
        0xBF64 => this with { IotSpecific = field.TlvBytes() },
        0x9F67 => this with { FallbackAllowed = field.Boolean() },
        _ => this,
    };
}

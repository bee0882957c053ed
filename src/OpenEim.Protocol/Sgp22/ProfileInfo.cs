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

        using (writer.Constructed(Sgp22Tags.NotificationConfigurationInfo))
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
        var fields = new ContentReader(reader.ReadConstructed(Sgp22Tags.ProfileInfo), unreadable);
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
        using (writer.Constructed(Sgp22Tags.ProfileInfo))
        {
            if (Iccid is { } iccid)
            {
                writer.IccidValue(iccid);
            }

            writer.OptionalOctets(Sgp22Tags.Aid, IsdpAid);
            writer.OptionalInteger(Sgp22Tags.ProfileState, (int?)State);
            writer.OptionalUtf8(Sgp22Tags.ProfileNickname, Nickname);
            writer.OptionalUtf8(Sgp22Tags.ServiceProviderName, ServiceProviderName);
            writer.OptionalUtf8(Sgp22Tags.ProfileName, ProfileName);
            writer.OptionalInteger(Sgp22Tags.IconType, IconType);
            writer.OptionalOctets(Sgp22Tags.Icon, Icon);
            writer.OptionalInteger(Sgp22Tags.ProfileClass, (int?)Class);
            NotificationConfiguration.WriteList(writer, NotificationConfigurations);
            if (Owner is { } owner)
            {
                using (writer.Constructed(Sgp22Tags.ProfileOwner))
                {
                    writer.Raw(owner.Span);
                }
            }

            writer.OptionalNamedBits(Sgp22Tags.ProfilePolicyRules, (uint?)PolicyRules);
            if (FallbackAttribute == true)
            {
                writer.Boolean(Sgp32Tags.FallbackAttribute, true);
            }

            if (FallbackAllowed is { } allowed)
            {
                writer.Boolean(Sgp32Tags.FallbackAllowed, allowed);
            }

            writer.OptionalConstructed(Sgp32Tags.IotSpecific, IotSpecific);
        }
    }

    private ProfileInfo With(ContentReader field) => field.Tag switch
    {
        Sgp22Tags.Iccid => this with { Iccid = field.Iccid() },
        Sgp22Tags.Aid => this with { IsdpAid = field.Bytes(1, 16) },
        Sgp22Tags.ProfileState => this with { State = (ProfileState?)field.Int32() },
        Sgp22Tags.ProfileNickname => this with { Nickname = field.Text() },
        Sgp22Tags.ServiceProviderName => this with { ServiceProviderName = field.Text() },
        Sgp22Tags.ProfileName => this with { ProfileName = field.Text() },
        Sgp22Tags.IconType => this with { IconType = field.Int32() },
        Sgp22Tags.Icon => this with { Icon = field.Bytes() },
        Sgp22Tags.ProfileClass => this with { Class = (ProfileClass?)field.Int32() },
        Sgp22Tags.NotificationConfigurationInfo => this with { NotificationConfigurations = NotificationConfiguration.ReadList(field.Inside()) },
        Sgp22Tags.ProfileOwner => this with { Owner = field.Bytes() },
        Sgp22Tags.ProfilePolicyRules => this with { PolicyRules = (ProfilePolicyRules?)field.NamedBits() },
        Sgp32Tags.FallbackAttribute => this with { FallbackAttribute = field.Boolean() },
        Sgp32Tags.IotSpecific => this with { IotSpecific = field.TlvBytes() },
        Sgp32Tags.FallbackAllowed => this with { FallbackAllowed = field.Boolean() },
        _ => this,
    };
}

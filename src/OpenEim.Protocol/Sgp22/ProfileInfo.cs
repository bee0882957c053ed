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
    internal static List<NotificationConfiguration> ReadList(BerReader list)
    {
        var configurations = new List<NotificationConfiguration>();
        while (list.HasData)
        {
            var entry = list.ReadConstructed(0x30);
            configurations.Add(new NotificationConfiguration((NotificationEvents)entry.ReadNamedBits(0x80), entry.ReadUtf8(0x81, 0, 255)));
            entry.SkipUnknown();
        }

        return configurations;
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

/// <summary>SGP.32 ProfileInfo, tag E3: what the eUICC tells of a profile. What was not asked for is null.</summary>
public sealed record ProfileInfo : IBerMessage<ProfileInfo>
{
    /// <summary>5A.</summary>
    public Iccid? Iccid { get; init; }

    /// <summary>4F: AID of the ISD-P, 1 to 16 bytes.</summary>
    public ReadOnlyMemory<byte>? IsdpAid { get; init; }

    /// <summary>9F70.</summary>
    public ProfileState? State { get; init; }

    /// <summary>90: at most 64 characters.</summary>
    public string? Nickname { get; init; }

    /// <summary>91: at most 32 characters.</summary>
    public string? ServiceProviderName { get; init; }

    /// <summary>92: at most 64 characters.</summary>
    public string? ProfileName { get; init; }

    /// <summary>93: 0 JPG, 1 PNG.</summary>
    public int? IconType { get; init; }

    /// <summary>94: at most 1024 bytes.</summary>
    public ReadOnlyMemory<byte>? Icon { get; init; }

    /// <summary>95.</summary>
    public ProfileClass? Class { get; init; }

    /// <summary>B6.</summary>
    public IReadOnlyList<NotificationConfiguration>? NotificationConfigurations { get; init; }

    /// <summary>B7: OperatorId, the value bytes.</summary>
    public ReadOnlyMemory<byte>? Owner { get; init; }

    /// <summary>99.</summary>
    public ProfilePolicyRules? PolicyRules { get; init; }

    /// <summary>9F26: whether this is the fallback profile (SGP.32, DEFAULT FALSE).</summary>
    public bool FallbackAttribute { get; init; }

    /// <summary>9F67: whether the owner allows it to be the fallback (SGP.32).</summary>
    public bool? FallbackAllowed { get; init; }

    /// <inheritdoc/>
    public static ProfileInfo Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xE3);
        var info = new ProfileInfo();
        while (inner.HasData)
        {
            info = info.With(ref inner);
        }

        return info;
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
            if (FallbackAttribute)
            {
                writer.Boolean(0x9F26, true);
            }

            if (FallbackAllowed is { } allowed)
            {
                writer.Boolean(0x9F67, allowed);
            }
        }
    }

    private ProfileInfo With(ref BerReader inner)
    {
        switch (inner.PeekTag())
        {
            case 0x5A: return this with { Iccid = inner.ReadIccid() };
            case 0x4F: return this with { IsdpAid = inner.ReadValue(0x4F, 1, 16) };
            case 0x9F70: return this with { State = (ProfileState)inner.ReadInt32(0x9F70) };
            case 0x90: return this with { Nickname = inner.ReadUtf8(0x90, 0, 256) };
            case 0x91: return this with { ServiceProviderName = inner.ReadUtf8(0x91, 0, 128) };
            case 0x92: return this with { ProfileName = inner.ReadUtf8(0x92, 0, 256) };
            case 0x93: return this with { IconType = inner.ReadInt32(0x93) };
            case 0x94: return this with { Icon = inner.ReadValue(0x94, 0, 1024) };
            case 0x95: return this with { Class = (ProfileClass)inner.ReadInt32(0x95) };
            case 0xB6: return this with { NotificationConfigurations = NotificationConfiguration.ReadList(inner.ReadConstructed(0xB6)) };
            case 0xB7: return this with { Owner = inner.ReadValue(0xB7) };
            case 0x99: return this with { PolicyRules = (ProfilePolicyRules)inner.ReadNamedBits(0x99) };
            case 0x9F26: return this with { FallbackAttribute = inner.ReadBoolean(0x9F26) };
            case 0x9F67: return this with { FallbackAllowed = inner.ReadBoolean(0x9F67) };
            default:
                inner.ReadEncoded(out _);
                return this;
        }
    }
}

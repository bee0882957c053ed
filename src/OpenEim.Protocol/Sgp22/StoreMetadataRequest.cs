using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES8+ StoreMetadataRequest, tag BF25 (SGP.22 5.5.3); also profileMetadata of ES9+. Fields that OpenEim neither makes nor reads are skipped on receipt; what is null was left out or cannot be read.</summary>
public sealed record StoreMetadataRequest : IBerMessage<StoreMetadataRequest>
{
    /// <summary>5A.</summary>
    public required Iccid? Iccid { get; init; }

    /// <summary>91: by the standard at most 32 characters; any number is read.</summary>
    public required string? ServiceProviderName { get; init; }

    /// <summary>92: by the standard at most 64 characters; any number is read.</summary>
    public required string? ProfileName { get; init; }

    /// <summary>93: 0 JPG, 1 PNG.</summary>
    public int? IconType { get; init; }

    /// <summary>94: by the standard at most 1024 bytes; any number is read.</summary>
    public ReadOnlyMemory<byte>? Icon { get; init; }

    /// <summary>95, left out when operational.</summary>
    public ProfileClass Class { get; init; } = ProfileClass.Operational;

    /// <summary>B6.</summary>
    public IReadOnlyList<NotificationConfiguration>? NotificationConfigurations { get; init; }

    /// <summary>B7.</summary>
    public OperatorId? Owner { get; init; }

    /// <summary>99.</summary>
    public ProfilePolicyRules? PolicyRules { get; init; }

    /// <summary>9F67: whether the owner allows the profile to be the fallback (SGP.32).</summary>
    public bool? FallbackAllowed { get; init; }

    /// <summary>BF64, since v1.3: iotSpecificMetadata, the value bytes; the standard puts nothing into it yet.</summary>
    public ReadOnlyMemory<byte>? IotSpecific { get; init; }

    /// <summary>What could not be read; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; init; } = [];

    /// <inheritdoc/>
    public static StoreMetadataRequest Decode(ref BerReader reader)
    {
        var unreadable = new UnreadableValues();
        var fields = new ContentReader(reader.ReadConstructed(Sgp22Tags.StoreMetadata), unreadable);
        var metadata = new StoreMetadataRequest { Iccid = null, ServiceProviderName = null, ProfileName = null };
        while (fields.Read())
        {
            metadata = metadata.With(fields);
        }

        return metadata with { Unreadable = unreadable.ToList() };
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.StoreMetadata))
        {
            if (Iccid is { } iccid)
            {
                writer.IccidValue(iccid);
            }

            writer.OptionalUtf8(Sgp22Tags.ServiceProviderName, ServiceProviderName);
            writer.OptionalUtf8(Sgp22Tags.ProfileName, ProfileName);
            writer.OptionalInteger(Sgp22Tags.IconType, IconType);
            writer.OptionalOctets(Sgp22Tags.Icon, Icon);
            if (Class != ProfileClass.Operational)
            {
                writer.Integer(Sgp22Tags.ProfileClass, (int)Class);
            }

            NotificationConfiguration.WriteList(writer, NotificationConfigurations);
            Owner?.Write(writer, Sgp22Tags.ProfileOwner);
            writer.OptionalNamedBits(Sgp22Tags.ProfilePolicyRules, (uint?)PolicyRules);
            if (FallbackAllowed is { } allowed)
            {
                writer.Boolean(Sgp32Tags.FallbackAllowed, allowed);
            }

            writer.OptionalConstructed(Sgp32Tags.IotSpecific, IotSpecific);
        }
    }

    private StoreMetadataRequest With(ContentReader field) => field.Tag switch
    {
        Sgp22Tags.Iccid => this with { Iccid = field.Iccid() },
        Sgp22Tags.ServiceProviderName => this with { ServiceProviderName = field.Text() },
        Sgp22Tags.ProfileName => this with { ProfileName = field.Text() },
        Sgp22Tags.IconType => this with { IconType = field.Int32() },
        Sgp22Tags.Icon => this with { Icon = field.Bytes() },
        Sgp22Tags.ProfileClass => this with { Class = (ProfileClass?)field.Int32() ?? ProfileClass.Operational },
        Sgp22Tags.NotificationConfigurationInfo => this with { NotificationConfigurations = NotificationConfiguration.ReadList(field.Inside()) },
        Sgp22Tags.ProfileOwner => this with { Owner = field.Object(static (ref BerReader owner, uint tag) => OperatorId.Read(owner.ReadConstructed(tag))) },
        Sgp22Tags.ProfilePolicyRules => this with { PolicyRules = (ProfilePolicyRules?)field.NamedBits() },
        Sgp32Tags.IotSpecific => this with { IotSpecific = field.TlvBytes() },
        Sgp32Tags.FallbackAllowed => this with { FallbackAllowed = field.Boolean() },
        _ => this,
    };
}

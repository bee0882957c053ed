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
        var fields = new ContentReader(reader.ReadConstructed(0xBF25), unreadable);
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
        using (writer.Constructed(0xBF25))
        {
            if (Iccid is { } iccid)
            {
                writer.IccidValue(iccid);
            }

            writer.OptionalUtf8(0x91, ServiceProviderName);
            writer.OptionalUtf8(0x92, ProfileName);
            writer.OptionalInteger(0x93, IconType);
            writer.OptionalOctets(0x94, Icon);
            if (Class != ProfileClass.Operational)
            {
                writer.Integer(0x95, (int)Class);
            }

            NotificationConfiguration.WriteList(writer, NotificationConfigurations);
            Owner?.Write(writer, 0xB7);
            writer.OptionalNamedBits(0x99, (uint?)PolicyRules);
            if (FallbackAllowed is { } allowed)
            {
                writer.Boolean(0x9F67, allowed);
            }

            writer.OptionalConstructed(0xBF64, IotSpecific);
        }
    }

    private StoreMetadataRequest With(ContentReader field) => field.Tag switch
    {
        0x5A => this with { Iccid = field.Iccid() },
        0x91 => this with { ServiceProviderName = field.Text() },
        0x92 => this with { ProfileName = field.Text() },
        0x93 => this with { IconType = field.Int32() },
        0x94 => this with { Icon = field.Bytes() },
        0x95 => this with { Class = (ProfileClass?)field.Int32() ?? ProfileClass.Operational },
        0xB6 => this with { NotificationConfigurations = NotificationConfiguration.ReadList(field.Inside()) },
        0xB7 => this with { Owner = field.Object(static (ref BerReader owner, uint tag) => OperatorId.Read(owner.ReadConstructed(tag))) },
        0x99 => this with { PolicyRules = (ProfilePolicyRules?)field.NamedBits() },
        0xBF64 => this with { IotSpecific = field.TlvBytes() },
        0x9F67 => this with { FallbackAllowed = field.Boolean() },
        _ => this,
    };
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES8+ StoreMetadataRequest, tag BF25; also profileMetadata of ES9+. Fields that OpenEim neither makes nor reads are skipped on receipt.</summary>
public sealed record StoreMetadataRequest : IBerMessage<StoreMetadataRequest>
{
    /// <summary>5A.</summary>
    public required Iccid Iccid { get; init; }

    /// <summary>91: at most 32 characters.</summary>
    public required string ServiceProviderName { get; init; }

    /// <summary>92: at most 64 characters.</summary>
    public required string ProfileName { get; init; }

    /// <summary>93: 0 JPG, 1 PNG.</summary>
    public int? IconType { get; init; }

    /// <summary>94: at most 1024 bytes.</summary>
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

    /// <inheritdoc/>
    public static StoreMetadataRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xBF25);
        var metadata = new StoreMetadataRequest
        {
            Iccid = inner.ReadIccid(),
            ServiceProviderName = inner.ReadUtf8(0x91, 0, 128),
            ProfileName = inner.ReadUtf8(0x92, 0, 256),
        };
        while (inner.HasData)
        {
            metadata = metadata.With(ref inner);
        }

        return metadata;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF25))
        {
            writer.IccidValue(Iccid);
            writer.Utf8(0x91, ServiceProviderName);
            writer.Utf8(0x92, ProfileName);
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
        }
    }

    private StoreMetadataRequest With(ref BerReader inner)
    {
        switch (inner.PeekTag())
        {
            case 0x93: return this with { IconType = inner.ReadInt32(0x93) };
            case 0x94: return this with { Icon = inner.ReadValue(0x94, 0, 1024) };
            case 0x95: return this with { Class = (ProfileClass)inner.ReadInt32(0x95) };
            case 0xB6: return this with { NotificationConfigurations = NotificationConfiguration.ReadList(inner.ReadConstructed(0xB6)) };
            case 0xB7: return this with { Owner = OperatorId.Read(inner.ReadConstructed(0xB7)) };
            case 0x99: return this with { PolicyRules = (ProfilePolicyRules)inner.ReadNamedBits(0x99) };
            case 0x9F67: return this with { FallbackAllowed = inner.ReadBoolean(0x9F67) };
            default:
                inner.ReadEncoded(out _);
                return this;
        }
    }
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 NotificationEvent: which profile management operation a notification tells of.</summary>
[Flags]
public enum NotificationEvents
{
    /// <summary>No event.</summary>
    None = 0,

    /// <summary>A profile was installed.</summary>
    Install = 1,

    /// <summary>A profile was enabled.</summary>
    Enable = 2,

    /// <summary>A profile was disabled.</summary>
    Disable = 4,

    /// <summary>A profile was deleted.</summary>
    Delete = 8,
}

/// <summary>NotificationMetadata, tag BF2F (SGP.22 5.7.9). What is null was left out or could not be read.</summary>
/// <param name="SequenceNumber">The card's own number, shared with package results.</param>
/// <param name="Event">What happened; one bit.</param>
/// <param name="Address">FQDN of the receiver.</param>
/// <param name="Iccid">The profile concerned, where known.</param>
public sealed record NotificationMetadata(long? SequenceNumber, NotificationEvents? Event, string? Address, Iccid? Iccid)
    : IBerMessage<NotificationMetadata>
{
    /// <summary>What could not be read; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; init; } = [];

    /// <inheritdoc/>
    public static NotificationMetadata Decode(ref BerReader reader)
    {
        var unreadable = new UnreadableValues();
        return Read(new ContentReader(reader.ReadConstructed(Sgp22Tags.NotificationMetadata), unreadable)) with { Unreadable = unreadable.ToList() };
    }

    internal static NotificationMetadata Read(ContentReader fields)
    {
        var (number, happened, address, iccid) = ((long?)null, (NotificationEvents?)null, (string?)null, (Iccid?)null);
        while (fields.Read())
        {
            switch (fields.Tag)
            {
                case 0x80: number = fields.Integer(); break;
                case 0x81: happened = (NotificationEvents?)fields.NamedBits(); break;
                case 0x0C: address = fields.Text(); break;
                case Sgp22Tags.Iccid: iccid = fields.Iccid(); break;
            }
        }

        return new NotificationMetadata(number, happened, address, iccid);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.NotificationMetadata))
        {
            writer.OptionalInteger(0x80, SequenceNumber);
            writer.OptionalNamedBits(0x81, (uint?)Event);
            writer.OptionalUtf8(0x0C, Address);
            if (Iccid is { } iccid)
            {
                writer.IccidValue(iccid);
            }
        }
    }
}

/// <summary>PendingNotification (SGP.22 5.7.10), a CHOICE of BF37, 30 and, in SGP.32, A0 and A1: what a card keeps until the receiver has it.</summary>
/// <param name="Encoded">The whole TLV as received: what is signed is never re-encoded.</param>
public abstract record PendingNotification(ReadOnlyMemory<byte> Encoded) : IBerMessage<PendingNotification>
{
    /// <summary>The metadata; null in the compact forms that an IPA makes with minimizeEsipaBytes.</summary>
    public abstract NotificationMetadata? Metadata { get; }

    /// <summary>What could not be read of the content, at any depth; empty when all was read.</summary>
    public virtual IReadOnlyList<UnreadableValue> Unreadable => Metadata?.Unreadable ?? [];

    /// <inheritdoc/>
    /// <remarks>The frame, the signed slice, the signature and the certificates are read strictly, the content leniently.</remarks>
    public static PendingNotification Decode(ref BerReader reader)
    {
        var encoded = reader.ReadEncoded(out var tag);
        return tag switch
        {
            Sgp22Tags.ProfileInstallationResult => ProfileInstallationResult.Parse(encoded),
            0x30 => OtherSignedNotification.Parse(encoded),
            0xA0 => new CompactNotification(encoded),
            0xA1 => CompactOtherNotification.Parse(encoded),
            _ => throw BerReader.Unexpected(tag),
        };
    }

    /// <summary>Reads PendingNotificationList: every notification up to the end of <paramref name="list"/>.</summary>
    /// <param name="list">The list.</param>
    /// <param name="most">How many there may be.</param>
    /// <exception cref="ProtocolException">There are more.</exception>
    public static IReadOnlyList<PendingNotification> DecodeAll(ref BerReader list, int most = int.MaxValue)
    {
        var notifications = new List<PendingNotification>();
        while (list.HasData)
        {
            if (notifications.Count == most)
            {
                throw new ProtocolException($"a message holds more than {most} notifications");
            }

            notifications.Add(Decode(ref list));
        }

        return notifications;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => writer.Raw(Encoded.Span);
}

/// <summary>OtherSignedNotification (SGP.22 5.7.10): <c>30{BF2F, 5F37, eUICC certificate, EUM certificate}</c>.</summary>
/// <param name="Encoded">The whole TLV.</param>
/// <param name="SignedData">The BF2F TLV: the signed bytes.</param>
/// <param name="Metadata">What SignedData says.</param>
/// <param name="Signature">Raw r‖s.</param>
/// <param name="EuiccCertificate">DER of CERT.EUICC.</param>
/// <param name="EumCertificate">DER of CERT.EUM.</param>
public sealed record OtherSignedNotification(
    ReadOnlyMemory<byte> Encoded,
    ReadOnlyMemory<byte> SignedData,
    NotificationMetadata Metadata,
    ReadOnlyMemory<byte> Signature,
    ReadOnlyMemory<byte> EuiccCertificate,
    ReadOnlyMemory<byte> EumCertificate) : PendingNotification(Encoded)
{
    /// <inheritdoc/>
    public override NotificationMetadata Metadata { get; } = Metadata;

    /// <summary>Puts a notification together from its signed parts.</summary>
    public static OtherSignedNotification Create(
        ReadOnlyMemory<byte> signedData, ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte> euiccCertificate, ReadOnlyMemory<byte> eumCertificate) =>
        Parse(BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0x30))
            {
                writer.Raw(signedData.Span);
                writer.Octets(Sgp22Tags.Signature, signature.Span);
                writer.Raw(euiccCertificate.Span);
                writer.Raw(eumCertificate.Span);
            }
        }));

    internal static OtherSignedNotification Parse(ReadOnlyMemory<byte> encoded)
    {
        var outer = new BerReader(encoded);
        var inner = outer.ReadConstructed(0x30);
        var signed = inner.ReadEncoded(Sgp22Tags.NotificationMetadata);
        var notification = new OtherSignedNotification(
            encoded,
            signed,
            BerMessage.Decode<NotificationMetadata>(signed),
            inner.ReadValue(Sgp22Tags.Signature, 1, 128),
            inner.ReadEncoded(0x30),
            inner.ReadEncoded(0x30));
        inner.SkipUnknown();
        return notification;
    }
}

/// <summary>SGP.32 CompactOtherSignedNotification, tag A1: what an IPA with minimizeEsipaBytes makes of an OtherSignedNotification, without the certificates.</summary>
/// <param name="Encoded">The whole TLV.</param>
/// <param name="Eid">5A: whose certificates belong to it; null where the connection tells.</param>
/// <param name="SignedData">The BF2F TLV: the signed bytes.</param>
/// <param name="Metadata">What SignedData says.</param>
/// <param name="Signature">Raw r‖s.</param>
/// <param name="CiPkId">04, since v1.3: the CI (possibly truncated) under which the eUICC signed.</param>
public sealed record CompactOtherNotification(
    ReadOnlyMemory<byte> Encoded,
    Eid? Eid,
    ReadOnlyMemory<byte> SignedData,
    NotificationMetadata Metadata,
    ReadOnlyMemory<byte> Signature,
    ReadOnlyMemory<byte>? CiPkId) : PendingNotification(Encoded)
{
    /// <inheritdoc/>
    public override NotificationMetadata Metadata { get; } = Metadata;

    /// <summary>Puts a notification together from its parts.</summary>
    public static CompactOtherNotification Create(
        Eid? eid, ReadOnlyMemory<byte> signedData, ReadOnlyMemory<byte> signature, ReadOnlyMemory<byte>? ciPkId = null) =>
        Parse(BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0xA1))
            {
                if (eid is { } present)
                {
                    writer.EidValue(present);
                }

                writer.Raw(signedData.Span);
                writer.Octets(Sgp22Tags.Signature, signature.Span);
                writer.OptionalOctets(0x04, ciPkId);
            }
        }));

    internal static CompactOtherNotification Parse(ReadOnlyMemory<byte> encoded)
    {
        var inner = new BerReader(encoded).Inside(0xA1);
        Eid? eid = inner.NextIs(Sgp22Tags.EidValue) ? inner.ReadEid() : null;
        var signed = inner.ReadEncoded(Sgp22Tags.NotificationMetadata);
        var signature = inner.ReadValue(Sgp22Tags.Signature, 1, 128);
        var ciPkId = inner.OptionalValue(0x04, 0, 64);
        inner.SkipUnknown();
        return new CompactOtherNotification(encoded, eid, signed, BerMessage.Decode<NotificationMetadata>(signed), signature, ciPkId);
    }
}

/// <summary>SGP.32 CompactProfileInstallationResult, tag A0: kept as bytes only.</summary>
public sealed record CompactNotification(ReadOnlyMemory<byte> Encoded) : PendingNotification(Encoded)
{
    /// <inheritdoc/>
    public override NotificationMetadata? Metadata => null;
}

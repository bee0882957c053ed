using System.Text;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Ipa.Card;

/// <summary>A pending notification as the card gave it (tag BF37 or 30), with the fields that an IPA needs (SGP.22 5.7.10).</summary>
/// <param name="Encoded">The whole TLV, as it goes to the eIM or the SM-DP+.</param>
public sealed record CardNotification(ReadOnlyMemory<byte> Encoded)
{
    private const uint Installation = 0xBF37;
    private const uint InstallationData = 0xBF27;
    private const uint MetadataTag = 0xBF2F;

    /// <summary>Whether it is the result of a profile installation.</summary>
    public bool IsInstallation => Tlv.Find(Encoded, Installation) is not null;

    /// <summary>The sequence number that the card gave it; null if it cannot be read.</summary>
    public long? SequenceNumber => Metadata() is { } metadata ? Tlv.FindInteger(metadata, 0x80) : null;

    /// <summary>FQDN of the receiver; null if there is none.</summary>
    public string? Address => Metadata() is { } metadata && Tlv.Find(metadata, 0x0C) is { } text ? Encoding.UTF8.GetString(text.Value.Span) : null;

    /// <summary>The bytes of the profile's ICCID; empty if there is none.</summary>
    public ReadOnlyMemory<byte> Iccid => Metadata() is { } metadata && Tlv.Find(metadata, 0x5A) is { } iccid ? iccid.Value : default;

    /// <summary>For an installation: the SM-DP+'s transaction id, in hex.</summary>
    public string? TransactionId => Tlv.Find(Encoded, Installation, InstallationData, 0x80) is { } id ? Convert.ToHexString(id.Value.Span) : null;

    /// <summary>For an installation: whether the profile is installed.</summary>
    public bool IsSuccess => Tlv.Find(Encoded, Installation, InstallationData, 0xA2, 0xA0) is not null;

    /// <summary>For a failed installation: the command that failed, and the reason.</summary>
    public (BppCommandId Command, InstallationErrorReason Reason) Failure => (
        (BppCommandId)(Tlv.FindInteger(Encoded, Installation, InstallationData, 0xA2, 0xA1, 0x80) ?? -1),
        (InstallationErrorReason)(Tlv.FindInteger(Encoded, Installation, InstallationData, 0xA2, 0xA1, 0x81) ?? -1));

    /// <summary>Whether an entry of the card's list is a notification.</summary>
    internal static bool Is(Tlv tlv) => tlv.Tag == Installation || (tlv.Tag == 0x30 && Tlv.Find(tlv.Value, MetadataTag) is not null);

    private ReadOnlyMemory<byte>? Metadata()
    {
        var metadata = Tlv.Find(Encoded, Installation, InstallationData, MetadataTag) ?? Tlv.Find(Encoded, 0x30, MetadataTag);
        if (metadata is { } found)
        {
            return found.Value;
        }

        return null;
    }
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>IpaEuiccDataRequest, tag BF52 (SGP.32 2.11.1.2): asks for data that the eUICC does not sign.</summary>
/// <param name="TagList">5C: the tags wanted, concatenated. See <see cref="IpaEuiccDataTag"/>.</param>
/// <param name="CiPkId">04: the CI whose chain is wanted.</param>
/// <param name="NotificationSequenceNumber">A1{80}: one notification.</param>
/// <param name="NotificationEvent">A1{81}: the notifications of one kind.</param>
/// <param name="ResultSequenceNumber">A2{80}: one package result.</param>
/// <param name="TransactionId">83: the eIM's transaction.</param>
public sealed record IpaEuiccDataRequest(
    ReadOnlyMemory<byte> TagList,
    ReadOnlyMemory<byte>? CiPkId = null,
    long? NotificationSequenceNumber = null,
    NotificationEvents? NotificationEvent = null,
    long? ResultSequenceNumber = null,
    TransactionId? TransactionId = null) : IBerMessage<IpaEuiccDataRequest>
{
    /// <inheritdoc/>
    public static IpaEuiccDataRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp32Tags.IpaEuiccData);
        var request = new IpaEuiccDataRequest(inner.ReadValue(Sgp22Tags.TagList, 0, 128));
        if (inner.TryReadValue(0x04, out var ciPkId))
        {
            request = request with { CiPkId = ciPkId };
        }

        if (inner.TryReadConstructed(0xA1, out var search))
        {
            request = search.NextIs(0x80)
                ? request with { NotificationSequenceNumber = search.ReadInteger(0x80) }
                : request with { NotificationEvent = (NotificationEvents)search.ReadNamedBits(0x81) };
            search.ThrowIfNotEmpty();
        }

        if (inner.TryReadConstructed(0xA2, out var resultSearch))
        {
            request = request with { ResultSequenceNumber = resultSearch.ReadInteger(0x80) };
        }

        request = request with { TransactionId = inner.TryReadTransactionId(0x83) };
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.IpaEuiccData))
        {
            writer.Octets(Sgp22Tags.TagList, TagList.Span);
            writer.OptionalOctets(0x04, CiPkId);
            if (NotificationSequenceNumber is not null || NotificationEvent is not null)
            {
                using (writer.Constructed(0xA1))
                {
                    writer.OptionalInteger(0x80, NotificationSequenceNumber);
                    writer.OptionalNamedBits(0x81, (uint?)NotificationEvent);
                }
            }

            if (ResultSequenceNumber is { } sequenceNumber)
            {
                using (writer.Constructed(0xA2))
                {
                    writer.Integer(0x80, sequenceNumber);
                }
            }

            writer.Transaction(0x83, TransactionId);
        }
    }
}

/// <summary>The tags that a data request may name (SGP.32 2.11.1.2).</summary>
public static class IpaEuiccDataTag
{
    /// <summary>Pending notifications.</summary>
    public const uint Notifications = 0xA0;

    /// <summary>Default SM-DP+ address.</summary>
    public const uint DefaultSmdpAddress = 0x81;

    /// <summary>Pending package results.</summary>
    public const uint PackageResults = 0xA2;

    /// <summary>EUICCInfo1.</summary>
    public const uint EuiccInfo1 = Sgp22Tags.EuiccInfo1;

    /// <summary>EUICCInfo2.</summary>
    public const uint EuiccInfo2 = Sgp22Tags.EuiccInfo2;

    /// <summary>Root SM-DS address.</summary>
    public const uint RootSmdsAddress = 0x83;

    /// <summary>Association token.</summary>
    public const uint AssociationToken = 0x84;

    /// <summary>EUM certificate.</summary>
    public const uint EumCertificate = 0xA5;

    /// <summary>eUICC certificate.</summary>
    public const uint EuiccCertificate = 0xA6;

    /// <summary>The eIM's transaction: not to be asked for, always in the answer.</summary>
    public const uint TransactionId = 0x87;

    /// <summary>IPA capabilities.</summary>
    public const uint IpaCapabilities = 0xA8;

    /// <summary>Device information.</summary>
    public const uint DeviceInfo = 0xA9;

    /// <summary>Notifications and package results, as v1.0 names them together (RetrieveNotificationsListResponse).</summary>
    public const uint NotificationsAndResultsV10 = Sgp22Tags.RetrieveNotificationsList;

    private static readonly uint[] All =
    [
        Notifications, DefaultSmdpAddress, PackageResults, EuiccInfo1, EuiccInfo2, RootSmdsAddress, AssociationToken,
        EumCertificate, EuiccCertificate, IpaCapabilities, DeviceInfo,
    ];

    /// <summary>Whether a data request may ask for <paramref name="tag"/>; anything else is incorrectTagList.</summary>
    public static bool IsAllowed(uint tag) => Array.IndexOf(All, tag) >= 0;

    /// <summary>Writes a tag list.</summary>
    public static byte[] List(params ReadOnlySpan<uint> tags)
    {
        var list = new List<byte>();
        foreach (var tag in tags)
        {
            if (tag > 0xFF)
            {
                list.Add((byte)(tag >> 8));
            }

            list.Add((byte)tag);
        }

        return [.. list];
    }

    /// <summary>Reads a tag list: tags of one to three bytes, concatenated.</summary>
    /// <exception cref="ProtocolException">The last tag is cut short.</exception>
    public static IReadOnlyList<uint> Parse(ReadOnlySpan<byte> list)
    {
        var tags = new List<uint>();
        for (var i = 0; i < list.Length; i++)
        {
            uint tag = list[i];
            if ((tag & 0x1F) == 0x1F)
            {
                do
                {
                    if (++i == list.Length || tag > 0xFFFF)
                    {
                        throw new ProtocolException("a tag list ends in the middle of a tag");
                    }

                    tag = (tag << 8) | list[i];
                }
                while ((list[i] & 0x80) != 0);
            }

            tags.Add(tag);
        }

        return tags;
    }
}

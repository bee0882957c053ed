using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ES10b RetrieveNotificationsListRequest, tag BF2B (SGP.32 5.9.11): all notifications, one by number (a package result too), one kind, or all package results.</summary>
/// <param name="SequenceNumber">A0{80}.</param>
/// <param name="Event">A0{81}.</param>
/// <param name="PackageResults">A0{82}.</param>
public sealed record RetrieveNotificationsListRequest(long? SequenceNumber = null, NotificationEvents? Event = null, bool PackageResults = false)
    : IBerMessage<RetrieveNotificationsListRequest>
{
    /// <inheritdoc/>
    public static RetrieveNotificationsListRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.RetrieveNotificationsList);
        var request = new RetrieveNotificationsListRequest();
        if (inner.TryReadConstructed(0xA0, out var search))
        {
            request = request.With(ref search);
        }
        else if (inner.PeekTag() is 0x80 or 0x81 or 0x82)
        {
            // Assistants leave the A0 of the untagged CHOICE out, as SGP.22's ASN.1 tempts to.
            request = request.With(ref inner);
        }

        inner.SkipUnknown();
        return request;
    }

    private RetrieveNotificationsListRequest With(ref BerReader search) => search.PeekTag() switch
    {
        0x80 => this with { SequenceNumber = search.ReadInteger(0x80) },
        0x81 => this with { Event = (NotificationEvents)search.ReadNamedBits(0x81) },
        0x82 => this with { PackageResults = search.TryReadNull(0x82) },
        var tag => throw BerReader.Unexpected(tag),
    };

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.RetrieveNotificationsList))
        {
            if (SequenceNumber is null && Event is null && !PackageResults)
            {
                return;
            }

            using (writer.Constructed(0xA0))
            {
                writer.OptionalInteger(0x80, SequenceNumber);
                writer.OptionalNamedBits(0x81, (uint?)Event);
                writer.OptionalNull(0x82, PackageResults);
            }
        }
    }
}

/// <summary>ES10b RetrieveNotificationsListResponse, tag BF2B (SGP.32 5.9.11): notifications (A0), an error (81), package results (A2) or both lists.</summary>
public sealed record RetrieveNotificationsListResponse(
    IReadOnlyList<PendingNotification>? Notifications, IReadOnlyList<EuiccPackageResult>? PackageResults = null, int? Error = null)
    : IBerMessage<RetrieveNotificationsListResponse>
{
    /// <inheritdoc/>
    public static RetrieveNotificationsListResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.RetrieveNotificationsList);
        if (inner.NextIs(0x81))
        {
            return new RetrieveNotificationsListResponse(null, null, inner.ReadInt32(0x81));
        }

        // v1.0 has an arm A3 with both lists in it; IPAs in use send both side by side.
        var isBoth = inner.TryReadConstructed(0xA3, out var both);
        return isBoth ? ReadLists(both, 0xA1) : ReadLists(inner, 0xA2);
    }

    private static RetrieveNotificationsListResponse ReadLists(BerReader lists, uint resultsTag)
    {
        IReadOnlyList<PendingNotification>? notifications = null;
        List<EuiccPackageResult>? decoded = null;
        if (lists.TryReadConstructed(0xA0, out var list))
        {
            notifications = PendingNotification.DecodeAll(ref list, EimPackageResult.MaxParts);
        }

        if (lists.TryReadConstructed(resultsTag, out var results))
        {
            decoded = [];
            while (results.HasData)
            {
                if (decoded.Count == EimPackageResult.MaxParts)
                {
                    throw new ProtocolException($"a message holds more than {EimPackageResult.MaxParts} package results");
                }

                decoded.Add(EuiccPackageResult.Decode(ref results));
            }
        }

        lists.ThrowIfNotEmpty();

        // Cards in use answer with nothing at all when they hold nothing.
        return new RetrieveNotificationsListResponse(notifications is null && decoded is null ? [] : notifications, decoded);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.RetrieveNotificationsList))
        {
            if (Notifications is null && PackageResults is null)
            {
                writer.Integer(0x81, Error ?? 127);
                return;
            }

            WriteList(writer, 0xA0, Notifications);
            WriteList(writer, 0xA2, PackageResults);
        }
    }

    private static void WriteList(AsnWriter writer, uint tag, IReadOnlyList<IBerMessage>? list)
    {
        if (list is null)
        {
            return;
        }

        using (writer.Constructed(tag))
        {
            foreach (var item in list)
            {
                item.Encode(writer);
            }
        }
    }
}

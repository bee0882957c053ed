using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ES10b RetrieveNotificationsListRequest, tag BF2B: all notifications, one by number (a package result too), one kind, or all package results.</summary>
/// <param name="SequenceNumber">A0{80}.</param>
/// <param name="Event">A0{81}.</param>
/// <param name="PackageResults">A0{82}.</param>
public sealed record RetrieveNotificationsListRequest(long? SequenceNumber = null, NotificationEvents? Event = null, bool PackageResults = false)
    : IBerMessage<RetrieveNotificationsListRequest>
{
    /// <inheritdoc/>
    public static RetrieveNotificationsListRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xBF2B);
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
        using (writer.Constructed(0xBF2B))
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

/// <summary>ES10b RetrieveNotificationsListResponse, tag BF2B: notifications (A0), an error (81) or package results (A2).</summary>
public sealed record RetrieveNotificationsListResponse(
    IReadOnlyList<PendingNotification>? Notifications, IReadOnlyList<EuiccPackageResult>? PackageResults = null, int? Error = null)
    : IBerMessage<RetrieveNotificationsListResponse>
{
    /// <inheritdoc/>
    public static RetrieveNotificationsListResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xBF2B);
        switch (inner.PeekTag())
        {
            // Cards in use answer so when they hold nothing.
            case 0: return new RetrieveNotificationsListResponse(Notifications: []);
            case 0xA0:
                var list = inner.ReadConstructed(0xA0);
                return new RetrieveNotificationsListResponse(PendingNotification.DecodeAll(ref list));
            case 0x81: return new RetrieveNotificationsListResponse(null, null, inner.ReadInt32(0x81));
            case 0xA2:
                var results = inner.ReadConstructed(0xA2);
                var decoded = new List<EuiccPackageResult>();
                while (results.HasData)
                {
                    decoded.Add(EuiccPackageResult.Decode(ref results));
                }

                return new RetrieveNotificationsListResponse(null, decoded);
            case var tag: throw BerReader.Unexpected(tag);
        }
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF2B))
        {
            IReadOnlyList<IBerMessage>? list = PackageResults ?? (IReadOnlyList<IBerMessage>?)Notifications;
            if (list is null)
            {
                writer.Integer(0x81, Error ?? 127);
                return;
            }

            using (writer.Constructed(PackageResults is null ? 0xA0u : 0xA2u))
            {
                foreach (var item in list)
                {
                    item.Encode(writer);
                }
            }
        }
    }
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>IpaEuiccDataResponse, tag BF52 (SGP.32 2.11.2.2): data (A0) or an error (A1). Nothing in it is signed but what its parts carry.</summary>
public abstract record IpaEuiccDataResponse : IBerMessage<IpaEuiccDataResponse>
{
    private protected IpaEuiccDataResponse()
    {
    }

    /// <summary>The eIM's transaction.</summary>
    public TransactionId? TransactionId { get; init; }

    /// <summary>The whole TLV as received; empty when this was not received.</summary>
    public ReadOnlyMemory<byte> Received { get; private init; }

    /// <summary>What could not be read, at any depth; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; private init; } = [];

    /// <inheritdoc/>
    /// <remarks>
    /// Cards and IPAs send the arm or a bare SEQUENCE; an INTEGER inside tells an error. A field that cannot be read is left out.
    /// </remarks>
    public static IpaEuiccDataResponse Decode(ref BerReader reader)
    {
        var received = reader.ReadEncoded(Sgp32Tags.IpaEuiccData);
        var outer = new BerReader(received).Inside(Sgp32Tags.IpaEuiccData);
        var tag = outer.PeekTag();
        if (tag == 0x81)
        {
            // v1.0 has the error alone.
            return new IpaEuiccDataError((IpaEuiccDataErrorCode)outer.ReadInt32(0x81)) { Received = received };
        }

        if (tag is not (0xA0 or 0xA1 or 0x30))
        {
            throw BerReader.Unexpected(tag);
        }

        var arm = outer.ReadConstructed(tag);
        outer.ThrowIfNotEmpty();
        var unreadable = new UnreadableValues();
        IpaEuiccDataResponse response = tag == 0xA1 || (tag == 0x30 && IpaEuiccDataError.Fits(arm))
            ? IpaEuiccDataError.Read(new ContentReader(arm, unreadable))
            : IpaEuiccData.Read(new ContentReader(arm, unreadable));
        return response with { Received = received, Unreadable = unreadable.ToList() };
    }

    /// <inheritdoc/>
    public abstract void Encode(AsnWriter writer);
}

/// <summary>IpaEuiccDataResponseError.</summary>
public sealed record IpaEuiccDataError(IpaEuiccDataErrorCode Code) : IpaEuiccDataResponse
{
    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.IpaEuiccData))
        using (writer.Constructed(0xA1))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Integer(0x02, (int)Code);
        }
    }

    internal static bool Fits(BerReader arm)
    {
        arm.TryReadValue(0x80, out _);
        return arm.NextIs(0x02);
    }

    internal static IpaEuiccDataError Read(ContentReader fields)
    {
        var (id, code) = ((TransactionId?)null, (IpaEuiccDataErrorCode?)null);
        while (fields.Read())
        {
            switch (fields.Tag)
            {
                case 0x80: id = fields.TransactionId(); break;
                case 0x02: code = (IpaEuiccDataErrorCode?)fields.Int32(); break;
            }
        }

        return new IpaEuiccDataError(code ?? IpaEuiccDataErrorCode.UndefinedError) { TransactionId = id };
    }
}

/// <summary>IpaEuiccData: what was asked for, as far as it is there.</summary>
public sealed record IpaEuiccData : IpaEuiccDataResponse
{
    /// <summary>A0.</summary>
    public IReadOnlyList<PendingNotification>? Notifications { get; init; }

    /// <summary>81.</summary>
    public string? DefaultSmdpAddress { get; init; }

    /// <summary>A2.</summary>
    public IReadOnlyList<EuiccPackageResult>? PackageResults { get; init; }

    /// <summary>BF20, the whole TLV.</summary>
    public ReadOnlyMemory<byte>? EuiccInfo1 { get; init; }

    /// <summary>BF22, the whole TLV.</summary>
    public ReadOnlyMemory<byte>? EuiccInfo2 { get; init; }

    /// <summary>83.</summary>
    public string? RootSmdsAddress { get; init; }

    /// <summary>84.</summary>
    public long? AssociationToken { get; init; }

    /// <summary>A5, as an ordinary DER certificate.</summary>
    public ReadOnlyMemory<byte>? EumCertificate { get; init; }

    /// <summary>A6, as an ordinary DER certificate.</summary>
    public ReadOnlyMemory<byte>? EuiccCertificate { get; init; }

    /// <summary>A8.</summary>
    public IpaCapabilities? IpaCapabilities { get; init; }

    /// <summary>A9: DeviceInfo, the value bytes.</summary>
    public ReadOnlyMemory<byte>? DeviceInfo { get; init; }

    /// <inheritdoc/>
    public override void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp32Tags.IpaEuiccData))
        using (writer.Constructed(0xA0))
        {
            EncodeList(writer, 0xA0, Notifications);
            writer.OptionalUtf8(0x81, DefaultSmdpAddress);
            EncodeList(writer, 0xA2, PackageResults);
            EncodeRaw(writer, EuiccInfo1);
            EncodeRaw(writer, EuiccInfo2);
            writer.OptionalUtf8(0x83, RootSmdsAddress);
            writer.OptionalInteger(0x84, AssociationToken);
            EncodeCertificate(writer, 0xA5, EumCertificate);
            EncodeCertificate(writer, 0xA6, EuiccCertificate);
            writer.Transaction(0x87, TransactionId);
            IpaCapabilities?.Write(writer, 0xA8);
            if (DeviceInfo is { } device)
            {
                using (writer.Constructed(0xA9))
                {
                    writer.Raw(device.Span);
                }
            }
        }
    }

    internal static IpaEuiccData Read(ContentReader fields)
    {
        var data = new IpaEuiccData();
        while (fields.Read())
        {
            data = data.With(fields);
        }

        return data;
    }

    private IpaEuiccData With(ContentReader field) => field.Tag switch
    {
        0xA0 => this with { Notifications = ReadNotifications(field.Inside()) },
        0x80 or 0x81 => this with { DefaultSmdpAddress = field.Text() }, // 80 in v1.0
        Sgp22Tags.RetrieveNotificationsList => WithListsOfV10(field.Inside()),
        0xA2 => this with { PackageResults = ReadResults(field.Inside()) },
        Sgp22Tags.EuiccInfo1 => this with { EuiccInfo1 = field.Encoded },
        Sgp22Tags.EuiccInfo2 => this with { EuiccInfo2 = field.Encoded },
        0x83 => this with { RootSmdsAddress = field.Text() },
        0x84 => this with { AssociationToken = field.Integer() },
        0xA5 => this with { EumCertificate = ReadCertificate(field) },
        0xA6 => this with { EuiccCertificate = ReadCertificate(field) },
        0x87 => this with { TransactionId = field.TransactionId() },
        0xA8 => this with { IpaCapabilities = IpaCapabilities.Read(field) },
        0xA9 => this with { DeviceInfo = field.Bytes() },
        _ => this,
    };

    /// <summary>v1.0 has BF2B instead of A0 and A2, with one list inside, both side by side, or both in an arm A3.</summary>
    private IpaEuiccData WithListsOfV10(ContentReader lists, uint resultsTag = 0xA2)
    {
        var data = this;
        while (lists.Read())
        {
            data = lists.Tag switch
            {
                0xA0 => data with { Notifications = ReadNotifications(lists.Inside()) },
                0xA3 when resultsTag == 0xA2 => data.WithListsOfV10(lists.Inside(), 0xA1),
                var tag when tag == resultsTag => data with { PackageResults = ReadResults(lists.Inside()) },
                _ => data,
            };
        }

        return data;
    }

    private static ReadOnlyMemory<byte>? ReadCertificate(ContentReader field) =>
        field.Value(static (ref BerReader certificate, uint tag) => CertificateField.Read(ref certificate, tag));

    /// <summary>Every notification whose frame can be read; the others are reported.</summary>
    private static List<PendingNotification> ReadNotifications(ContentReader list)
    {
        var notifications = new List<PendingNotification>();
        for (var count = 1; list.Read(); count++)
        {
            ThrowIfTooMany(count);
            if (list.Object(static (ref BerReader item, uint _) => PendingNotification.Decode(ref item)) is { } notification)
            {
                list.Unreadable.AddRange(notification.Unreadable);
                notifications.Add(notification);
            }
        }

        return notifications;
    }

    /// <summary>Every package result whose frame can be read; the others are reported.</summary>
    private static List<EuiccPackageResult> ReadResults(ContentReader list)
    {
        var results = new List<EuiccPackageResult>();
        for (var count = 1; list.Read(); count++)
        {
            ThrowIfTooMany(count);
            if (list.Object(static (ref BerReader item, uint _) => EuiccPackageResult.Decode(ref item)) is { } result)
            {
                list.Unreadable.AddRange(result.Unreadable);
                results.Add(result);
            }
        }

        return results;
    }

    private static void ThrowIfTooMany(int count)
    {
        if (count > EimPackageResult.MaxParts)
        {
            throw new ProtocolException($"a message holds more than {EimPackageResult.MaxParts} notifications or package results");
        }
    }

    private static void EncodeList(AsnWriter writer, uint tag, IReadOnlyList<IBerMessage>? list)
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

    private static void EncodeRaw(AsnWriter writer, ReadOnlyMemory<byte>? encoded)
    {
        if (encoded is { } present)
        {
            writer.Raw(present.Span);
        }
    }

    private static void EncodeCertificate(AsnWriter writer, uint tag, ReadOnlyMemory<byte>? certificate)
    {
        if (certificate is { } present)
        {
            CertificateField.Write(writer, tag, present);
        }
    }
}

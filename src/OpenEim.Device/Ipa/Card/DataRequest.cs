using System.Formats.Asn1;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa.Card;

/// <summary>Answers IpaEuiccDataRequest (BF52) with data of the card and of the IPA itself (SGP.32 2.11.1.2, 2.11.2.2).</summary>
/// <remarks>The card's data goes into the answer unchanged. If the card does not give something, the answer leaves it out and holds the rest.</remarks>
internal sealed class DataRequest(EuiccFunctions card, IpaOptions options)
{
    private const uint Certificates = 0xBF56;
    private const uint DefaultSmdpV10 = 0x80;
    private const uint NotificationsV10 = 0xBF2B;
    private const int InvalidCiPkId = 1;

    private bool IsV10 => options.Version == Sgp32Version.V10;

    /// <summary>Collects the requested data. A tag that the standard does not allow is answered with incorrectTagList.</summary>
    /// <returns>The answer (BF52), and the error that it holds, if any.</returns>
    public (byte[] Encoded, IpaEuiccDataErrorCode? Error) Answer(IpaEuiccDataRequest request, string eimId)
    {
        if (Parse(request.TagList.Span) is not { } tags)
        {
            return Error(request, IpaEuiccDataErrorCode.IncorrectTagList);
        }

        var wantsCertificates = tags.Contains(IpaEuiccDataTag.EumCertificate) || tags.Contains(IpaEuiccDataTag.EuiccCertificate);
        var certificates = wantsCertificates ? card.GetCerts(request.CiPkId) : null;
        if (certificates is { } answer && (Tlv.FindInteger(answer, Certificates, 0x81) ?? Tlv.FindInteger(answer, Certificates, 0x02)) is { } refusal)
        {
            // Error 1 of GetCerts, invalidCiPKId, is error 5 of this function.
            return Error(request, refusal == InvalidCiPkId ? IpaEuiccDataErrorCode.EuiccCiPkIdNotFound : IpaEuiccDataErrorCode.UndefinedError);
        }

        return (BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0xBF52))
            using (writer.Constructed(0xA0))
            {
                foreach (var tag in tags)
                {
                    Write(writer, tag, request, eimId, certificates);
                }
            }
        }), null);
    }

    /// <summary>The tags in the order of the answer's fields; null if one of them is not allowed. An IPA of v1.0 ignores tags that it does not know.</summary>
    private List<uint>? Parse(ReadOnlySpan<byte> tagList)
    {
        IReadOnlyList<uint> tags;
        try
        {
            tags = IpaEuiccDataTag.Parse(tagList);
        }
        catch (ProtocolException)
        {
            return null;
        }

        if (!IsV10 && !tags.All(IpaEuiccDataTag.IsAllowed))
        {
            return null;
        }

        return [.. (IsV10 ? OrderV10 : Order).Where(tag => tag == IpaEuiccDataTag.TransactionId || tags.Contains(tag))];
    }

    private static readonly uint[] Order =
    [
        IpaEuiccDataTag.Notifications, IpaEuiccDataTag.DefaultSmdpAddress, IpaEuiccDataTag.PackageResults, IpaEuiccDataTag.EuiccInfo1,
        IpaEuiccDataTag.EuiccInfo2, IpaEuiccDataTag.RootSmdsAddress, IpaEuiccDataTag.AssociationToken, IpaEuiccDataTag.EumCertificate,
        IpaEuiccDataTag.EuiccCertificate, IpaEuiccDataTag.TransactionId, IpaEuiccDataTag.IpaCapabilities, IpaEuiccDataTag.DeviceInfo,
    ];

    // v1.0 has another tag for the default SM-DP+, has one list for notifications and results, and does not return the transaction id.
    private static readonly uint[] OrderV10 =
    [
        DefaultSmdpV10, IpaEuiccDataTag.EuiccInfo1, IpaEuiccDataTag.EuiccInfo2, IpaEuiccDataTag.RootSmdsAddress, IpaEuiccDataTag.AssociationToken,
        IpaEuiccDataTag.EumCertificate, IpaEuiccDataTag.EuiccCertificate, IpaEuiccDataTag.DeviceInfo, NotificationsV10,
    ];

    private void Write(AsnWriter writer, uint tag, IpaEuiccDataRequest request, string eimId, ReadOnlyMemory<byte>? certificates)
    {
        switch (tag)
        {
            case IpaEuiccDataTag.Notifications:
                WriteList(writer, tag, NotificationsOf(request));
                break;
            case IpaEuiccDataTag.PackageResults:
                WriteList(writer, tag, card.PendingResults(request.ResultSequenceNumber).Select(result => result.Encoded));
                break;
            case NotificationsV10:
                WriteListsV10(writer, request);
                break;
            case IpaEuiccDataTag.DefaultSmdpAddress or DefaultSmdpV10:
                writer.OptionalUtf8(tag, card.GetConfiguredAddresses().DefaultSmdp);
                break;
            case IpaEuiccDataTag.RootSmdsAddress:
                writer.OptionalUtf8(tag, card.GetConfiguredAddresses().RootSmds);
                break;
            case IpaEuiccDataTag.EuiccInfo1 or IpaEuiccDataTag.EuiccInfo2:
                WriteRaw(writer, card.FindEuiccInfo(tag));
                break;
            case IpaEuiccDataTag.AssociationToken:
                WriteRaw(writer, card.GetEimConfigurationData().AssociationToken(eimId)?.Encoded);
                break;
            case IpaEuiccDataTag.EumCertificate or IpaEuiccDataTag.EuiccCertificate:
                WriteCertificate(writer, tag, certificates);
                break;
            case IpaEuiccDataTag.TransactionId:
                writer.Transaction(tag, request.TransactionId);
                break;
            case IpaEuiccDataTag.IpaCapabilities:
                writer.Raw(options.Capabilities.Encoded());
                break;
            default:
                WriteConstructed(writer, tag, options.Device.EncodeValue());
                break;
        }
    }

    private IEnumerable<ReadOnlyMemory<byte>> NotificationsOf(IpaEuiccDataRequest request) =>
        card.PendingNotifications(request.NotificationSequenceNumber, request.NotificationEvent).Select(notification => notification.Encoded);

    private void WriteListsV10(AsnWriter writer, IpaEuiccDataRequest request)
    {
        using (writer.Constructed(NotificationsV10))
        {
            var results = card.PendingResults().Select(result => result.Encoded).ToList();
            WriteList(writer, 0xA0, NotificationsOf(request));
            if (results.Count > 0)
            {
                WriteList(writer, 0xA2, results);
            }
        }
    }

    private static void WriteCertificate(AsnWriter writer, uint tag, ReadOnlyMemory<byte>? certificates)
    {
        if (certificates is { } answer && Tlv.Find(answer, Certificates) is { } content)
        {
            foreach (var certificate in Tlv.Items(content.Value, tlv => tlv.Tag == tag).Take(1))
            {
                writer.Raw(certificate.Encoded.Span);
            }
        }
    }

    private static void WriteList(AsnWriter writer, uint tag, IEnumerable<ReadOnlyMemory<byte>> items)
    {
        using (writer.Constructed(tag))
        {
            foreach (var item in items)
            {
                writer.Raw(item.Span);
            }
        }
    }

    private static void WriteConstructed(AsnWriter writer, uint tag, ReadOnlyMemory<byte> value) => WriteList(writer, tag, [value]);

    private static void WriteRaw(AsnWriter writer, ReadOnlyMemory<byte>? encoded)
    {
        if (encoded is { } present)
        {
            writer.Raw(present.Span);
        }
    }

    private (byte[] Encoded, IpaEuiccDataErrorCode? Error) Error(IpaEuiccDataRequest request, IpaEuiccDataErrorCode code)
    {
        if (!IsV10)
        {
            return (new IpaEuiccDataError(code) { TransactionId = request.TransactionId }.Encode(), code);
        }

        // In v1.0 the second alternative of the CHOICE is the INTEGER itself.
        return (BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0xBF52))
            {
                writer.Integer(0x81, (int)code);
            }
        }), code);
    }
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32;

/// <summary>EimPackageResult (SGP.32 6.3.2.7), a CHOICE of BF51, 30, BF52, BF54 and A0: what an IPA brings back.</summary>
/// <param name="PackageResult">BF51, alone or bundled in 30.</param>
/// <param name="Notifications">30{BF51, A0}: the notifications bundled with it; null when not bundled.</param>
/// <param name="DataResponse">BF52.</param>
/// <param name="DownloadResult">BF54.</param>
/// <param name="Error">A0, or a bare 02 as some IPAs send it: the IPA could not use what it got; unsigned.</param>
public sealed record EimPackageResult(
    EuiccPackageResult? PackageResult = null,
    IReadOnlyList<PendingNotification>? Notifications = null,
    IpaEuiccDataResponse? DataResponse = null,
    ProfileDownloadTriggerResult? DownloadResult = null,
    EimPackageResultError? Error = null) : IBerMessage<EimPackageResult>
{
    /// <summary>30{BF51, BF2B{A0 | 81 | A2 | A0 and A2}}: the bundle of v1.0, where BF2B may hold package results besides; null in another form.</summary>
    public IReadOnlyList<EuiccPackageResult>? ResultsOfV10 { get; init; }

    /// <summary>The most notifications in one message, and the most package results: a card keeps no more.</summary>
    public const int MaxParts = 100;

    /// <inheritdoc/>
    public static EimPackageResult Decode(ref BerReader reader)
    {
        switch (reader.PeekTag())
        {
            case Sgp32Tags.EuiccPackageResult: return new EimPackageResult(EuiccPackageResult.Decode(ref reader));
            case Sgp32Tags.IpaEuiccData: return new EimPackageResult(DataResponse: IpaEuiccDataResponse.Decode(ref reader));
            case Sgp32Tags.ProfileDownloadTriggerResult: return new EimPackageResult(DownloadResult: ProfileDownloadTriggerResult.Decode(ref reader));
            case 0xA0: return new EimPackageResult(Error: EimPackageResultError.Read(reader.ReadConstructed(0xA0)));
            case 0x02: return new EimPackageResult(Error: EimPackageResultError.ReadBare(ref reader));
            case 0x30: return DecodeBundle(reader.ReadConstructed(0x30));
            case var tag: throw BerReader.Unexpected(tag);
        }
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        if (PackageResult is not null && Notifications is not null)
        {
            using (writer.Constructed(0x30))
            {
                PackageResult.Encode(writer);
                if (ResultsOfV10 is { } others)
                {
                    new RetrieveNotificationsListResponse(Notifications, others.Count > 0 ? others : null).Encode(writer);
                    return;
                }

                using (writer.Constructed(0xA0))
                {
                    foreach (var notification in Notifications)
                    {
                        notification.Encode(writer);
                    }
                }
            }

            return;
        }

        IBerMessage? content = PackageResult ?? DataResponse ?? DownloadResult ?? (IBerMessage?)Error;
        (content ?? throw new InvalidOperationException("an EimPackageResult needs one of its arms")).Encode(writer);
    }

    private static EimPackageResult DecodeBundle(BerReader bundle)
    {
        var result = EuiccPackageResult.Decode(ref bundle);
        if (bundle.NextIs(Sgp22Tags.RetrieveNotificationsList))
        {
            var retrieved = RetrieveNotificationsListResponse.Decode(ref bundle);
            bundle.SkipUnknown();
            return new EimPackageResult(result, retrieved.Notifications ?? []) { ResultsOfV10 = retrieved.PackageResults ?? [] };
        }

        var list = bundle.ReadConstructed(0xA0);
        var notifications = PendingNotification.DecodeAll(ref list, MaxParts);
        bundle.SkipUnknown();
        return new EimPackageResult(result, notifications);
    }
}

/// <summary>EimPackageResultResponseError, arm A0 of EimPackageResult (SGP.32 6.3.2.7). Unsigned: it changes no state of the eUICC.</summary>
/// <param name="TransactionId">80; null where it was left out or cannot be read.</param>
/// <param name="Code">02; undefinedError where it was left out or cannot be read.</param>
public sealed record EimPackageResultError(TransactionId? TransactionId, EimPackageResultErrorCode Code) : IBerMessage
{
    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xA0))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Integer(0x02, (int)Code);
        }
    }

    internal static EimPackageResultError Read(BerReader inner)
    {
        var fields = new ContentReader(inner, new UnreadableValues());
        var error = new EimPackageResultError(null, EimPackageResultErrorCode.UndefinedError);
        while (fields.Read())
        {
            error = fields.Tag switch
            {
                0x80 => error with { TransactionId = fields.TransactionId() },
                0x02 => error with { Code = CodeOf(fields) },
                _ => error,
            };
        }

        return error;
    }

    internal static EimPackageResultError ReadBare(ref BerReader reader)
    {
        var field = new ContentReader(new BerReader(reader.ReadEncoded(0x02)), new UnreadableValues());
        field.Read();
        return new EimPackageResultError(null, CodeOf(field));
    }

    private static EimPackageResultErrorCode CodeOf(ContentReader field) =>
        (EimPackageResultErrorCode?)field.Int32() ?? EimPackageResultErrorCode.UndefinedError;
}

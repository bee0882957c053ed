using OpenEim.Device.Transports;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa.Card;

/// <summary>The ES10b and ES10c functions of the card that an IPA uses.</summary>
/// <remarks>
/// Cards of many makers do not follow the standard exactly. So an IPA does not read what it only passes on, and looks for what it needs in every
/// place where cards put it. If a card does not give a list, the list is empty. A function throws <see cref="CardException"/> only where its
/// description says so.
/// </remarks>
public sealed class EuiccFunctions(IsdrChannel channel)
{
    private const uint Notifications = 0xBF2B;

    private static readonly byte[] EidRequest = [0xBF, 0x3E, 0x03, 0x5C, 0x01, 0x5A];
    private static readonly byte[] StateTags = [0x5A, 0x9F, 0x70];

    /// <summary>GetEID, BF3E.</summary>
    /// <exception cref="CardException">The card gives no EID.</exception>
    public Eid GetEid() => Tlv.Find(channel.Call(EidRequest), 0xBF3E, 0x5A) is { } eid && Eid.TryParse(Convert.ToHexString(eid.Value.Span), out var read)
        ? read
        : throw new CardException("the card's answer has no EID");

    /// <summary>GetEimConfigurationData, BF55.</summary>
    /// <exception cref="CardException">The card does not know the function: it is no IoT eUICC.</exception>
    public EimConfigurations GetEimConfigurationData() => new(channel.Call(new GetEimConfigurationDataRequest().Encode()));

    /// <summary>LoadEuiccPackage, BF51: gives the card the package as the eIM signed it.</summary>
    /// <returns>The card's answer; null if that is no EuiccPackageResult.</returns>
    /// <exception cref="CardException">The card refuses.</exception>
    public CardPackageResult? LoadEuiccPackage(ReadOnlyMemory<byte> package) =>
        Tlv.Find(channel.Call(package), 0xBF51) is { } result ? new CardPackageResult(result.Encoded) : null;

    /// <summary>RetrieveNotificationsList, BF2B, for package results: all, or the one with a sequence number.</summary>
    public IReadOnlyList<CardPackageResult> PendingResults(long? sequenceNumber = null)
    {
        var search = sequenceNumber is null
            ? new RetrieveNotificationsListRequest(PackageResults: true)
            : new RetrieveNotificationsListRequest(sequenceNumber);
        return
        [
            .. Tlv.Items(Retrieve(search), tlv => tlv.Tag == 0xBF51)
                .Select(tlv => new CardPackageResult(tlv.Encoded))
                .Where(result => sequenceNumber is null || result.SequenceNumber == sequenceNumber),
        ];
    }

    /// <summary>RetrieveNotificationsList, BF2B, for notifications: all, those of one kind, or the one with a sequence number.</summary>
    public IReadOnlyList<CardNotification> PendingNotifications(long? sequenceNumber = null, NotificationEvents? kind = null) =>
    [
        .. Tlv.Items(Retrieve(new RetrieveNotificationsListRequest(sequenceNumber, kind)), CardNotification.Is)
            .Select(tlv => new CardNotification(tlv.Encoded))
            .Where(notification => sequenceNumber is null || notification.SequenceNumber == sequenceNumber),
    ];

    /// <summary>RemoveNotificationFromList, BF30: a result or a notification. False when the card no longer has it, or does not remove it.</summary>
    public bool Remove(long sequenceNumber) => TryCall(new NotificationSentRequest(sequenceNumber)) is { } answer

        // Some cards answer BF30 00 for success.
        && Tlv.Find(answer, 0xBF30) is { } response
        && (response.Value.IsEmpty || Code(answer, 0xBF30) == (int)DeleteNotificationStatus.Ok);

    /// <summary>ProfileRollback, BF58.</summary>
    /// <exception cref="CardException">The card refuses the command itself, or gives no code.</exception>
    public ProfileRollbackResult Rollback() => (ProfileRollbackResult)CallForCode(new RefreshRequest(0xBF58, true), 0xBF58);

    /// <summary>ExecuteFallbackMechanism, BF5D.</summary>
    /// <exception cref="CardException">The card refuses the command itself, or gives no code.</exception>
    public ExecuteFallbackResult ExecuteFallback() => (ExecuteFallbackResult)CallForCode(new RefreshRequest(0xBF5D, true), 0xBF5D);

    /// <summary>ReturnFromFallback, BF5E.</summary>
    /// <exception cref="CardException">The card refuses the command itself, or gives no code.</exception>
    public ReturnFromFallbackResult ReturnFromFallback() =>
        (ReturnFromFallbackResult)CallForCode(new RefreshRequest(0xBF5E, true), 0xBF5E);

    /// <summary>GetProfilesInfo, BF2D: the ICCID of the enabled profile, null when none is.</summary>
    public Iccid? EnabledProfile()
    {
        foreach (var profile in Profiles(new ProfileInfoListRequest(TagList: StateTags)))
        {
            if (Tlv.FindInteger(profile.Value, 0x9F70) == (int)ProfileState.Enabled && Tlv.Find(profile.Value, 0x5A) is { } iccid)
            {
                return ReadIccid(iccid);
            }
        }

        return null;
    }

    /// <summary>GetProfilesInfo, BF2D: whether the card has a profile.</summary>
    /// <param name="iccid">The 10 bytes of its ICCID.</param>
    public bool HasProfile(ReadOnlyMemory<byte> iccid) => Profiles(new ProfileInfoListRequest(TagList: StateTags))
        .Any(profile => Tlv.Find(profile.Value, 0x5A) is { } found && found.Value.Span.SequenceEqual(iccid.Span));

    /// <summary>GetEUICCChallenge, BF2E: begins an RSP session.</summary>
    /// <exception cref="CardException">The card gives none.</exception>
    public ReadOnlyMemory<byte> GetChallenge() => Tlv.Find(channel.Call(new EmptyRequest(0xBF2E).Encode()), 0xBF2E, 0x80) is { Value.Length: > 0 } challenge
        ? challenge.Value
        : throw new CardException("the card's answer has no challenge");

    /// <summary>AuthenticateServer, BF38: the whole TLV as the card gave it, as the SM-DP+ gets it.</summary>
    /// <exception cref="CardException">The card refuses.</exception>
    public ReadOnlyMemory<byte> AuthenticateServer(AuthenticateServerRequest request) => channel.Call(request.Encode());

    /// <summary>PrepareDownload, BF21: the whole TLV as the card gave it, as the SM-DP+ gets it.</summary>
    /// <exception cref="CardException">The card refuses.</exception>
    public ReadOnlyMemory<byte> PrepareDownload(PrepareDownloadRequest request) => channel.Call(request.Encode());

    /// <summary>LoadBoundProfilePackage: one segment of BF36.</summary>
    /// <returns>The result, BF37, once there is one.</returns>
    /// <exception cref="CardException">The card refuses.</exception>
    public CardNotification? LoadSegment(ReadOnlyMemory<byte> segment) =>
        Tlv.Find(channel.Call(segment), 0xBF37) is { } result ? new CardNotification(result.Encoded) : null;

    /// <summary>CancelSession, BF41: the whole TLV as the card gave it, as the SM-DP+ gets it.</summary>
    /// <exception cref="CardException">The card refuses.</exception>
    public ReadOnlyMemory<byte> CancelSession(CancelSessionRequest request) => channel.Call(request.Encode());

    /// <summary>ImmediateEnable, BF5A: 0 when the profile just installed is enabled. For a card without the function this is 1, not available.</summary>
    public int ImmediateEnable()
    {
        const int notAvailable = 1;
        return TryCall(new RefreshRequest(0xBF5A, true)) is { } answer ? Code(answer, 0xBF5A) ?? notAvailable : notAvailable;
    }

    /// <summary>GetCerts, BF56: the whole TLV as the card gave it; null if it refuses.</summary>
    public ReadOnlyMemory<byte>? GetCerts(ReadOnlyMemory<byte>? ciPkId) => TryCall(new GetCertsRequest(ciPkId));

    /// <summary>GetEuiccInfo1 (BF20) or GetEuiccInfo2 (BF22): the whole TLV as the card gave it.</summary>
    /// <exception cref="CardException">The card gives none.</exception>
    public ReadOnlyMemory<byte> GetEuiccInfo(uint function) => FindEuiccInfo(function) ?? throw new CardException($"the card gives no {function:X}");

    /// <summary>GetEuiccInfo1 (BF20) or GetEuiccInfo2 (BF22): the whole TLV as the card gave it; null if it gives none.</summary>
    public ReadOnlyMemory<byte>? FindEuiccInfo(uint function)
    {
        if (TryCall(new EmptyRequest(function)) is { } answer && Tlv.Find(answer, function) is { } info)
        {
            return info.Encoded;
        }

        return null;
    }

    /// <summary>GetEuiccConfiguredAddresses, BF3C: default SM-DP+ (80) and root SM-DS (81). Each is null if the card has none; both are null on a card without the function.</summary>
    public (string? DefaultSmdp, string? RootSmds) GetConfiguredAddresses() => TryCall(new EmptyRequest(0xBF3C)) is { } answer
        ? (Text(Tlv.Find(answer, 0xBF3C, 0x80)), Text(Tlv.Find(answer, 0xBF3C, 0x81)))
        : default;

    private IEnumerable<Tlv> Profiles(ProfileInfoListRequest request) =>
        TryCall(request) is { } answer && Tlv.Find(answer, 0xBF2D) is { } list ? Tlv.Items(list.Value, tlv => tlv.Tag == 0xE3) : [];

    /// <summary>The value of BF2B. Some cards know the search criteria only without SGP.32's A0; some cards without an entry answer 6A88.</summary>
    private ReadOnlyMemory<byte> Retrieve(RetrieveNotificationsListRequest search)
    {
        var encoded = search.Encode();
        var answer = TryCall(encoded, out var statusWord);
        if (answer is null && statusWord is 0x6A80 or 0x6A86 && Tlv.Find(encoded, Notifications, 0xA0) is { } choice)
        {
            answer = TryCall(
                BerWriting.Encode(writer =>
                {
                    using (writer.Constructed(Notifications))
                    {
                        writer.Raw(choice.Value.Span);
                    }
                }),
                out _);
        }

        return answer is { } given && Tlv.Find(given, Notifications) is { } list ? list.Value : default;
    }

    private int CallForCode(IBerMessage request, uint function) => Code(channel.Call(request.Encode()), function)
        ?? throw new CardException($"the card's answer to {function:X} has no code");

    // The code is the first field: 80 or 81 where the tags are automatic, or a plain INTEGER.
    private static int? Code(ReadOnlyMemory<byte> answer, uint function) =>
        (int?)(Tlv.FindInteger(answer, function, 0x80) ?? Tlv.FindInteger(answer, function, 0x02) ?? Tlv.FindInteger(answer, function, 0x81));

    private ReadOnlyMemory<byte>? TryCall(IBerMessage request) => TryCall(request.Encode(), out _);

    private ReadOnlyMemory<byte>? TryCall(ReadOnlyMemory<byte> request, out int statusWord)
    {
        statusWord = 0;
        try
        {
            return channel.Call(request);
        }
        catch (CardException e) when (e.StatusWord is not 0)
        {
            statusWord = e.StatusWord;
            return null;
        }
    }

    private static Iccid? ReadIccid(Tlv iccid)
    {
        try
        {
            var reader = new BerReader(iccid.Encoded);
            return reader.ReadIccid();
        }
        catch (ProtocolException)
        {
            return null;
        }
    }

    private static string? Text(Tlv? tlv) => tlv is { Value.IsEmpty: false } text ? System.Text.Encoding.UTF8.GetString(text.Value.Span) : null;
}

using OpenEim.Device.Transports;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>The ES10b and ES10c functions of the card that an IPA uses.</summary>
/// <remarks>Every one throws <see cref="CardException"/> when the card refuses or answers with something unreadable.</remarks>
public sealed class EuiccFunctions(IsdrChannel channel)
{
    private static readonly byte[] EidRequest = [0xBF, 0x3E, 0x03, 0x5C, 0x01, 0x5A];
    private static readonly byte[] StateTags = [0x5A, 0x9F, 0x70];

    /// <summary>GetEID, BF3E.</summary>
    public Eid GetEid() => Decode<GetEuiccDataResponse>(channel.Call(EidRequest)).Eid;

    /// <summary>GetEimConfigurationData, BF55.</summary>
    public GetEimConfigurationDataResponse GetEimConfigurationData() =>
        channel.Call<GetEimConfigurationDataResponse>(new GetEimConfigurationDataRequest());

    /// <summary>LoadEuiccPackage, BF51: the package as the eIM signed it.</summary>
    public EuiccPackageResult LoadEuiccPackage(ReadOnlyMemory<byte> package) => Decode<EuiccPackageResult>(channel.Call(package));

    /// <summary>RetrieveNotificationsList, BF2B, for package results: all, or the one with a sequence number.</summary>
    public IReadOnlyList<EuiccPackageResult> PendingResults(long? sequenceNumber = null) =>
        channel.Call<RetrieveNotificationsListResponse>(sequenceNumber is null
            ? new RetrieveNotificationsListRequest(PackageResults: true)
            : new RetrieveNotificationsListRequest(sequenceNumber)).PackageResults ?? [];

    /// <summary>RetrieveNotificationsList, BF2B, for notifications: all, those of one kind, or the one with a sequence number.</summary>
    public IReadOnlyList<PendingNotification> PendingNotifications(long? sequenceNumber = null, NotificationEvents? kind = null) =>
        channel.Call<RetrieveNotificationsListResponse>(new RetrieveNotificationsListRequest(sequenceNumber, kind)).Notifications ?? [];

    /// <summary>RemoveNotificationFromList, BF30: a result or a notification. False when the card no longer has it.</summary>
    public bool Remove(long sequenceNumber) =>
        channel.Call<NotificationSentResponse>(new NotificationSentRequest(sequenceNumber)).Status == DeleteNotificationStatus.Ok;

    /// <summary>ProfileRollback, BF58.</summary>
    public ProfileRollbackResponse Rollback() => channel.Call<ProfileRollbackResponse>(new RefreshRequest(0xBF58, true));

    /// <summary>ExecuteFallbackMechanism, BF5D.</summary>
    public ExecuteFallbackResult ExecuteFallback() =>
        (ExecuteFallbackResult)channel.Call<CodeResponse>(new RefreshRequest(0xBF5D, true)).Code;

    /// <summary>ReturnFromFallback, BF5E.</summary>
    public ReturnFromFallbackResult ReturnFromFallback() =>
        (ReturnFromFallbackResult)channel.Call<CodeResponse>(new RefreshRequest(0xBF5E, true)).Code;

    /// <summary>GetProfilesInfo, BF2D: the ICCID of the enabled profile, null when none is.</summary>
    public Iccid? EnabledProfile() =>
        channel.Call<ProfileInfoListResponse>(new ProfileInfoListRequest(TagList: StateTags))
            .Profiles?.FirstOrDefault(profile => profile.State == ProfileState.Enabled)?.Iccid;

    /// <summary>GetProfilesInfo, BF2D: whether the card has a profile.</summary>
    public bool HasProfile(Iccid iccid) =>
        channel.Call<ProfileInfoListResponse>(new ProfileInfoListRequest(SearchIccid: iccid, TagList: StateTags)).Profiles is { Count: > 0 };

    /// <summary>GetEUICCChallenge, BF2E: begins an RSP session.</summary>
    public ReadOnlyMemory<byte> GetChallenge() => channel.Call<GetEuiccChallengeResponse>(new EmptyRequest(0xBF2E)).Challenge;

    /// <summary>AuthenticateServer, BF38: the whole TLV as the card gave it, as the SM-DP+ gets it.</summary>
    public ReadOnlyMemory<byte> AuthenticateServer(AuthenticateServerRequest request) => channel.Call(request.Encode());

    /// <summary>PrepareDownload, BF21: the whole TLV as the card gave it, as the SM-DP+ gets it.</summary>
    public ReadOnlyMemory<byte> PrepareDownload(PrepareDownloadRequest request) => channel.Call(request.Encode());

    /// <summary>LoadBoundProfilePackage: one segment of BF36.</summary>
    /// <returns>The result, once there is one.</returns>
    public ProfileInstallationResult? LoadSegment(ReadOnlyMemory<byte> segment)
    {
        var answer = channel.Call(segment);
        return answer.IsEmpty ? null : Decode<PendingNotification>(answer) as ProfileInstallationResult
            ?? throw new CardException("the card's answer to a segment is no ProfileInstallationResult");
    }

    /// <summary>CancelSession, BF41.</summary>
    public CancelSessionResponse CancelSession(CancelSessionRequest request) => channel.Call<CancelSessionResponse>(request);

    /// <summary>ImmediateEnable, BF5A: 0 when the profile just installed is enabled. A card without the function answers as one on which it is not available.</summary>
    public int ImmediateEnable()
    {
        const int notAvailable = 1;
        try
        {
            return channel.Call<CodeResponse>(new RefreshRequest(0xBF5A, true)).Code;
        }
        catch (CardException e) when (e.StatusWord is not 0)
        {
            return notAvailable;
        }
    }

    /// <summary>GetCerts, BF56.</summary>
    public GetCertsResponse GetCerts(ReadOnlyMemory<byte>? ciPkId) => channel.Call<GetCertsResponse>(new GetCertsRequest(ciPkId));

    /// <summary>GetEuiccInfo1 (BF20) or GetEuiccInfo2 (BF22): the whole TLV as the card gave it.</summary>
    public ReadOnlyMemory<byte> GetEuiccInfo(uint function) => channel.Call(new EmptyRequest(function).Encode());

    /// <summary>GetEuiccConfiguredAddresses, BF3C: default SM-DP+ (80) and root SM-DS (81); null where the card has none, and both on a card without the function.</summary>
    public (string? DefaultSmdp, string? RootSmds) GetConfiguredAddresses()
    {
        try
        {
            var addresses = channel.Call<EuiccConfiguredAddressesResponse>(new EmptyRequest(0xBF3C));
            return (NullIfEmpty(addresses.DefaultSmdpAddress), NullIfEmpty(addresses.RootSmdsAddress));
        }
        catch (CardException e) when (e.StatusWord is not 0)
        {
            return default;
        }
    }

    private static string? NullIfEmpty(string? address) => string.IsNullOrEmpty(address) ? null : address;

    private static T Decode<T>(ReadOnlyMemory<byte> answer) where T : IBerMessage<T>
    {
        try
        {
            return BerMessage.Decode<T>(answer);
        }
        catch (ProtocolException e)
        {
            throw new CardException($"the card's answer is no {typeof(T).Name}: {e.Message}", e);
        }
    }
}

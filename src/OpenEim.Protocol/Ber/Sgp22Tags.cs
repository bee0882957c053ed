namespace OpenEim.Protocol.Ber;

/// <summary>The tags of SGP.22's messages, and of the data objects that have a name and a tag of their own there. A request and its response share one.</summary>
public static class Sgp22Tags
{
    /// <summary>The least tag of two bytes that a function of ES10 has.</summary>
    public const uint FirstFunction = 0xBF20;

    /// <summary>The greatest tag of two bytes that a function of ES10 has.</summary>
    public const uint LastFunction = 0xBF7F;

    /// <summary>RemoteProfileProvisioningRequest and its response.</summary>
    public const uint RemoteProfileProvisioning = 0xA2;

    /// <summary>GetEuiccInfo1Request and EUICCInfo1.</summary>
    public const uint EuiccInfo1 = 0xBF20;

    /// <summary>PrepareDownloadRequest and its response.</summary>
    public const uint PrepareDownload = 0xBF21;

    /// <summary>GetEuiccInfo2Request and EUICCInfo2.</summary>
    public const uint EuiccInfo2 = 0xBF22;

    /// <summary>InitialiseSecureChannelRequest.</summary>
    public const uint InitialiseSecureChannel = 0xBF23;

    /// <summary>ConfigureISDPRequest.</summary>
    public const uint ConfigureIsdp = 0xBF24;

    /// <summary>StoreMetadataRequest, and profileMetadata.</summary>
    public const uint StoreMetadata = 0xBF25;

    /// <summary>ReplaceSessionKeysRequest.</summary>
    public const uint ReplaceSessionKeys = 0xBF26;

    /// <summary>ProfileInstallationResultData.</summary>
    public const uint ProfileInstallationResultData = 0xBF27;

    /// <summary>ListNotificationRequest and its response.</summary>
    public const uint ListNotification = 0xBF28;

    /// <summary>SetNicknameRequest and its response.</summary>
    public const uint SetNickname = 0xBF29;

    /// <summary>RetrieveNotificationsListRequest and its response.</summary>
    public const uint RetrieveNotificationsList = 0xBF2B;

    /// <summary>ProfileInfoListRequest and its response; the PSMO listProfileInfo of SGP.32 and its result.</summary>
    public const uint ProfileInfoList = 0xBF2D;

    /// <summary>GetEuiccChallengeRequest and its response.</summary>
    public const uint GetEuiccChallenge = 0xBF2E;

    /// <summary>NotificationMetadata.</summary>
    public const uint NotificationMetadata = 0xBF2F;

    /// <summary>NotificationSentRequest and its response.</summary>
    public const uint NotificationSent = 0xBF30;

    /// <summary>EnableProfileRequest and its response.</summary>
    public const uint EnableProfile = 0xBF31;

    /// <summary>DisableProfileRequest and its response.</summary>
    public const uint DisableProfile = 0xBF32;

    /// <summary>DeleteProfileRequest and its response.</summary>
    public const uint DeleteProfile = 0xBF33;

    /// <summary>EuiccMemoryResetRequest of ES10c and its response.</summary>
    public const uint EuiccMemoryReset = 0xBF34;

    /// <summary>BoundProfilePackage.</summary>
    public const uint BoundProfilePackage = 0xBF36;

    /// <summary>ProfileInstallationResult.</summary>
    public const uint ProfileInstallationResult = 0xBF37;

    /// <summary>AuthenticateServerRequest and its response.</summary>
    public const uint AuthenticateServer = 0xBF38;

    /// <summary>InitiateAuthenticationRequest and its response; those of ESipa too.</summary>
    public const uint InitiateAuthentication = 0xBF39;

    /// <summary>GetBoundProfilePackageRequest and its response; those of ESipa too.</summary>
    public const uint GetBoundProfilePackage = 0xBF3A;

    /// <summary>AuthenticateClientRequest and its response; those of ESipa too.</summary>
    public const uint AuthenticateClient = 0xBF3B;

    /// <summary>EuiccConfiguredAddressesRequest and its response.</summary>
    public const uint EuiccConfiguredAddresses = 0xBF3C;

    /// <summary>HandleNotification; that of ESipa too.</summary>
    public const uint HandleNotification = 0xBF3D;

    /// <summary>GetEuiccDataRequest and its response.</summary>
    public const uint GetEuiccData = 0xBF3E;

    /// <summary>SetDefaultDpAddressRequest of ES10a and its response.</summary>
    public const uint SetDefaultDpAddress = 0xBF3F;

    /// <summary>CancelSessionRequest and its response, of ES10b, ES9+ and ESipa.</summary>
    public const uint CancelSession = 0xBF41;

    /// <summary>ProfileInfo.</summary>
    public const uint ProfileInfo = 0xE3;

    /// <summary>isdpAid, and the aid of an installed profile.</summary>
    public const uint Aid = 0x4F;

    /// <summary>iccid.</summary>
    public const uint Iccid = 0x5A;

    /// <summary>eidValue.</summary>
    public const uint EidValue = 0x5A;

    /// <summary>tagList.</summary>
    public const uint TagList = 0x5C;

    /// <summary>Any signature: serverSignature1, euiccSignature1, smdpSignature2, eimSignature, euiccSignEPR …</summary>
    public const uint Signature = 0x5F37;

    /// <summary>smdpOtpk, euiccOtpk and bppEuiccOtpk.</summary>
    public const uint OneTimeKey = 0x5F49;

    /// <summary>profileNickname.</summary>
    public const uint ProfileNickname = 0x90;

    /// <summary>serviceProviderName.</summary>
    public const uint ServiceProviderName = 0x91;

    /// <summary>profileName.</summary>
    public const uint ProfileName = 0x92;

    /// <summary>iconType.</summary>
    public const uint IconType = 0x93;

    /// <summary>icon.</summary>
    public const uint Icon = 0x94;

    /// <summary>profileClass.</summary>
    public const uint ProfileClass = 0x95;

    /// <summary>profilePolicyRules.</summary>
    public const uint ProfilePolicyRules = 0x99;

    /// <summary>profileState.</summary>
    public const uint ProfileState = 0x9F70;

    /// <summary>notificationConfigurationInfo.</summary>
    public const uint NotificationConfigurationInfo = 0xB6;

    /// <summary>profileOwner.</summary>
    public const uint ProfileOwner = 0xB7;

    /// <summary>dpProprietaryData.</summary>
    public const uint DpProprietaryData = 0xB8;
}

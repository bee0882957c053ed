using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using static OpenEim.Protocol.Tests.Sgp22.Tlv;

namespace OpenEim.Protocol.Tests.Sgp22;

/// <summary>One or more messages of every kind, written by hand from the ASN.1 module.</summary>
internal static class Samples
{
    public const string TransactionId = "0102030405060708090A0B0C0D0E0F10";
    public const string IccidValue = "981032547698103254F6";

    public static readonly string Signature = Fill("A1", 64);
    public static readonly string OtherSignature = Fill("B2", 64);
    public static readonly string Point = "04" + Fill("C3", 64);
    public static readonly string OtherPoint = "04" + Fill("D4", 64);
    public static readonly string Certificate = T("30", T("30", T("02", "01")), T("30"), T("03", "00AA"));
    public static readonly string OtherCertificate = T("30", T("30", T("02", "02")), T("30"), T("03", "00BB"));

    public static readonly string CtxParams1 = T("A0",
        T("80", Text("MATCH-1")), T("A1", T("80", "35290611"), T("A1", T("85", "0E0000"), T("88", "0F0000")), T("82", "3529061112345678")));

    public static readonly string EuiccInfo1 = T("BF20",
        T("82", "020500"), T("A9", T("04", Fill("11", 20))), T("AA", T("04", Fill("11", 20))));

    public static readonly string EuiccInfo2 = T("BF22",
        T("81", "020301"), T("82", "020500"), T("83", "010000"), T("84", "810100820400040000830400010000"), T("85", "067F36C0"), T("88", "0398"),
        T("A9", T("04", Fill("11", 20))), T("AA", T("04", Fill("11", 20))), T("04", "000001"), T("0C", Text("OE-00-00")));

    public static readonly string ServerSigned1 = T("30",
        T("80", TransactionId), T("81", Fill("E5", 16)), T("83", Text("smdp.example.org")), T("84", Fill("F6", 16)));

    public static readonly string AuthenticateServerRequest = T("BF38",
        ServerSigned1, T("5F37", Signature), T("04", Fill("11", 20)), Certificate, CtxParams1);

    public static readonly string EuiccSigned1 = T("30",
        T("80", TransactionId), T("83", Text("smdp.example.org")), T("84", Fill("F6", 16)), EuiccInfo2, CtxParams1);

    public static readonly string AuthenticateServerResponse = T("BF38",
        T("A0", EuiccSigned1, T("5F37", Signature), Certificate, OtherCertificate));

    public static readonly string SmdpSigned2 = T("30", T("80", TransactionId), T("01", "FF"), T("5F49", Point));

    public static readonly string PrepareDownloadRequest = T("BF21", SmdpSigned2, T("5F37", Signature), T("04", Fill("77", 32)), Certificate);

    public static readonly string EuiccSigned2 = T("30", T("80", TransactionId), T("5F49", Point), T("04", Fill("77", 32)));

    public static readonly string PrepareDownloadResponse = T("BF21", T("A0", EuiccSigned2, T("5F37", Signature)));

    public static readonly string StoreMetadata = T("BF25",
        T("5A", IccidValue), T("91", Text("Operator")), T("92", Text("Profile")), T("93", "01"), T("94", "89504E47"), T("95", "00"),
        T("B6", T("30", T("80", "0410"), T("81", Text("n.example.org"))), T("30", T("80", "0780"), T("81", Text("smdp.example.org")))),
        T("B7", T("80", "00F110"), T("81", "01"), T("82", "02")), T("99", "0560"), T("9F67", "FF"));

    public static readonly string SecureChannelSigned =
        T("82", "01") + T("80", TransactionId) + T("A6", T("80", "88"), T("81", "10"), T("84", "48")) + T("5F49", Point);

    public static readonly string InitialiseSecureChannel = T("BF23", SecureChannelSigned, T("5F37", Signature));

    public static readonly string BoundProfilePackage = T("BF36",
        InitialiseSecureChannel,
        T("A0", T("87", Fill("01", 24))),
        T("A1", T("88", Fill("02", 1016)), T("88", Fill("03", 20))),
        T("A2", T("87", Fill("04", 72))),
        T("A3", T("86", Fill("05", 1016)), T("86", Fill("06", 1016)), T("86", Fill("07", 24))));

    public static readonly string BoundProfilePackageWithSessionKeys = T("BF36",
        InitialiseSecureChannel, T("A0", T("87", Fill("01", 24))), T("A1", T("88", Fill("02", 90))), T("A3", T("86", Fill("05", 24))));

    public static readonly string Metadata = T("BF2F", T("80", "05"), T("81", "0780"), T("0C", Text("smdp.example.org")), T("5A", IccidValue));

    public static readonly string InstallationData = T("BF27",
        T("80", TransactionId), Metadata, T("06", "2B0601040183AA68"),
        T("A2", T("A0", T("4F", "A0000005591010FFFFFFFF8900001000"), T("04", "3007A0053003800100"))));

    public static readonly string FailedInstallationData = T("BF27",
        T("80", TransactionId), Metadata, T("06", "2B0601040183AA68"), T("A2", T("A1", T("80", "05"), T("81", "08"), T("82", "3000"))));

    public static readonly string InstallationResult = T("BF37", InstallationData, T("5F37", Signature));

    public static readonly string OtherNotification = T("30",
        T("BF2F", T("80", "06"), T("81", "0640"), T("0C", Text("n.example.org")), T("5A", IccidValue)),
        T("5F37", Signature), Certificate, OtherCertificate);

    public static readonly string CancelSessionSigned = T("30", T("80", TransactionId), T("81", "2B0601040183AA68"), T("82", "04"));

    public static readonly string CancelSessionChoice = T("A0", CancelSessionSigned, T("5F37", Signature));

    public static readonly string InitiateAuthenticationRequest =
        T("BF39", T("81", Fill("E5", 16)), T("83", Text("smdp.example.org")), EuiccInfo1);

    public static readonly string InitiateAuthenticationResponse = T("BF39",
        T("A0", T("80", TransactionId), ServerSigned1, T("5F37", Signature), T("04", Fill("11", 20)), Certificate));

    public static readonly string AuthenticateClientRequest = T("BF3B", T("80", TransactionId), AuthenticateServerResponse);

    public static readonly string AuthenticateClientResponse = T("BF3B",
        T("A0", T("80", TransactionId), StoreMetadata, SmdpSigned2, T("5F37", Signature), Certificate));

    public static readonly string GetBoundProfilePackageRequest = T("BF3A", T("80", TransactionId), PrepareDownloadResponse);

    public static readonly string GetBoundProfilePackageResponse = T("BF3A", T("A0", T("80", TransactionId), BoundProfilePackageWithSessionKeys));

    public static readonly string CancelSessionRequestEs9 = T("BF41", T("80", TransactionId), T("A1", CancelSessionChoice));

    /// <summary>Every message by a name, with its reader.</summary>
    public static readonly IReadOnlyDictionary<string, (string Hex, Func<ReadOnlyMemory<byte>, IBerMessage> Read)> All =
        new Dictionary<string, (string, Func<ReadOnlyMemory<byte>, IBerMessage>)>
        {
            ["CtxParams1"] = (CtxParams1, Whole<CtxParams1>),
            ["CtxParams1 with the least"] = (T("A0", T("A1", T("80", "35290611"), T("A1"))), Whole<CtxParams1>),
            ["CtxParams1 with every capability"] = (T("A0", T("80"), T("A1", T("80", "35290611"), T("A1",
                T("80", "010000"), T("81", "020000"), T("82", "030000"), T("83", "040000"), T("84", "050000"), T("85", "060000"),
                T("86", "070000"), T("87", "080000"), T("88", "090000"), T("89", "0A0000"), T("8A", "0B0000")))), Whole<CtxParams1>),
            ["ServerSigned1"] = (ServerSigned1, Whole<ServerSigned1>),
            ["AuthenticateServerRequest"] = (AuthenticateServerRequest, Whole<AuthenticateServerRequest>),
            ["EuiccSigned1"] = (EuiccSigned1, Whole<EuiccSigned1>),
            ["EUICCInfo2"] = (EuiccInfo2, Whole<EuiccInfo2>),
            ["AuthenticateServerResponse"] = (AuthenticateServerResponse, Whole<AuthenticateServerResponse>),
            ["AuthenticateServerResponse error"] =
                (T("BF38", T("A1", T("80", TransactionId), T("02", "06"))), Whole<AuthenticateServerResponse>),
            ["SmdpSigned2"] = (SmdpSigned2, Whole<SmdpSigned2>),
            ["SmdpSigned2 with the least"] = (T("30", T("80", "01"), T("01", "00")), Whole<SmdpSigned2>),
            ["PrepareDownloadRequest"] = (PrepareDownloadRequest, Whole<PrepareDownloadRequest>),
            ["PrepareDownloadRequest without a code"] =
                (T("BF21", SmdpSigned2, T("5F37", Signature), Certificate), Whole<PrepareDownloadRequest>),
            ["EUICCSigned2"] = (EuiccSigned2, Whole<EuiccSigned2>),
            ["PrepareDownloadResponse"] = (PrepareDownloadResponse, Whole<PrepareDownloadResponse>),
            ["PrepareDownloadResponse error"] =
                (T("BF21", T("A1", T("80", TransactionId), T("02", "7F"))), Whole<PrepareDownloadResponse>),
            ["StoreMetadataRequest"] = (StoreMetadata, Whole<StoreMetadataRequest>),
            ["StoreMetadataRequest with the least"] =
                (T("BF25", T("5A", IccidValue), T("91"), T("92")), Whole<StoreMetadataRequest>),
            ["ConfigureISDPRequest"] = (T("BF24", T("B8", T("80", "2B0601040183AA68"))), Whole<ConfigureIsdpRequest>),
            ["ConfigureISDPRequest empty"] = (T("BF24"), Whole<ConfigureIsdpRequest>),
            ["ReplaceSessionKeysRequest"] =
                (T("BF26", T("80", Fill("01", 16)), T("81", Fill("02", 16)), T("82", Fill("03", 16))), Whole<ReplaceSessionKeysRequest>),
            ["InitialiseSecureChannelRequest"] = (InitialiseSecureChannel, Whole<InitialiseSecureChannelRequest>),
            ["BoundProfilePackage"] = (BoundProfilePackage, Whole<BoundProfilePackage>),
            ["BoundProfilePackage with session keys"] = (BoundProfilePackageWithSessionKeys, Whole<BoundProfilePackage>),
            ["ProfileInstallationResult"] = (InstallationResult, Whole<PendingNotification>),
            ["ProfileInstallationResult failed"] = (T("BF37", FailedInstallationData, T("5F37", Signature)), Whole<PendingNotification>),
            ["OtherSignedNotification"] = (OtherNotification, Whole<PendingNotification>),
            ["CancelSessionRequest"] = (T("BF41", T("80", TransactionId), T("81", "05")), Whole<CancelSessionRequest>),
            ["EuiccCancelSessionSigned"] = (CancelSessionSigned, Whole<EuiccCancelSessionSigned>),
            ["CancelSessionResponse"] = (T("BF41", CancelSessionChoice), Whole<CancelSessionResponse>),
            ["CancelSessionResponse error"] = (T("BF41", T("81", "05")), Whole<CancelSessionResponse>),
            ["EnableProfileRequest"] = (T("BF31", T("A0", T("5A", IccidValue)), T("81", "FF")), Whole<EnableProfileRequest>),
            ["EnableProfileResponse"] = (T("BF31", T("80", "04")), Whole<EnableProfileResponse>),
            ["DisableProfileRequest"] =
                (T("BF32", T("A0", T("4F", "A0000005591010FFFFFFFF8900001000")), T("81", "00")), Whole<DisableProfileRequest>),
            ["DisableProfileResponse"] = (T("BF32", T("80", "02")), Whole<DisableProfileResponse>),
            ["DeleteProfileRequest"] = (T("BF33", T("5A", IccidValue)), Whole<DeleteProfileRequest>),
            ["DeleteProfileResponse"] = (T("BF33", T("80", "7F")), Whole<DeleteProfileResponse>),
            ["EuiccMemoryResetRequest"] = (T("BF34", T("82", "05E0")), Whole<EuiccMemoryResetRequestEs10c>),
            ["EuiccMemoryResetResponse"] = (T("BF34", T("80", "01")), Whole<EuiccMemoryResetResponseEs10c>),
            ["SetNicknameRequest"] = (T("BF29", T("5A", IccidValue), T("90", Text("Nick"))), Whole<SetNicknameRequest>),
            ["SetNicknameResponse"] = (T("BF29", T("80", "01")), Whole<SetNicknameResponse>),
            ["EuiccConfiguredAddressesResponse"] =
                (T("BF3C", T("80", Text("d.example.org")), T("81", Text("s.example.org"))), Whole<EuiccConfiguredAddressesResponse>),
            ["SetDefaultDpAddressRequest"] = (T("BF3F", T("80", Text("d.example.org"))), Whole<SetDefaultDpAddressRequest>),
            ["SetDefaultDpAddressResponse"] = (T("BF3F", T("80", "00")), Whole<SetDefaultDpAddressResponse>),
            ["ListNotificationRequest"] = (T("BF28", T("81", "0410")), Whole<ListNotificationRequest>),
            ["ListNotificationResponse"] = (T("BF28", T("A0", Metadata, Metadata)), Whole<ListNotificationResponse>),
            ["ListNotificationResponse error"] = (T("BF28", T("81", "7F")), Whole<ListNotificationResponse>),
            ["InitiateAuthenticationRequest"] = (T("A2", InitiateAuthenticationRequest), Whole<RemoteProfileProvisioningRequest>),
            ["AuthenticateClientRequest"] = (T("A2", AuthenticateClientRequest), Whole<RemoteProfileProvisioningRequest>),
            ["GetBoundProfilePackageRequest"] = (T("A2", GetBoundProfilePackageRequest), Whole<RemoteProfileProvisioningRequest>),
            ["CancelSessionRequestEs9"] = (T("A2", CancelSessionRequestEs9), Whole<RemoteProfileProvisioningRequest>),
            ["CancelSessionRequestEs9 error"] =
                (T("A2", T("BF41", T("80", TransactionId), T("A1", T("81", "7F")))), Whole<RemoteProfileProvisioningRequest>),
            ["HandleNotification installed"] = (T("A2", T("BF3D", T("A0", InstallationResult))), Whole<RemoteProfileProvisioningRequest>),
            ["HandleNotification other"] = (T("A2", T("BF3D", T("A0", OtherNotification))), Whole<RemoteProfileProvisioningRequest>),
            ["InitiateAuthenticationResponse"] = (T("A2", InitiateAuthenticationResponse), Whole<RemoteProfileProvisioningResponse>),
            ["InitiateAuthenticationResponse error"] = (T("A2", T("BF39", T("81", "03"))), Whole<RemoteProfileProvisioningResponse>),
            ["AuthenticateClientResponseEs9"] = (T("A2", AuthenticateClientResponse), Whole<RemoteProfileProvisioningResponse>),
            ["AuthenticateClientResponseEs9 error"] = (T("A2", T("BF3B", T("81", "0B"))), Whole<RemoteProfileProvisioningResponse>),
            ["GetBoundProfilePackageResponse"] = (T("A2", GetBoundProfilePackageResponse), Whole<RemoteProfileProvisioningResponse>),
            ["GetBoundProfilePackageResponse error"] = (T("A2", T("BF3A", T("81", "5F"))), Whole<RemoteProfileProvisioningResponse>),
            ["CancelSessionResponseEs9"] = (T("A2", T("BF41", T("A0"))), Whole<RemoteProfileProvisioningResponse>),
            ["CancelSessionResponseEs9 error"] = (T("A2", T("BF41", T("81", "02"))), Whole<RemoteProfileProvisioningResponse>),
        };

    private static IBerMessage Whole<T>(ReadOnlyMemory<byte> data) where T : IBerMessage<T> => BerMessage.Decode<T>(data);
}

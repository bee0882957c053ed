using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Esipa;

/// <summary>A well-formed message of every ESipa function that an IPA posts, and of every arm it may have.</summary>
internal static class EsipaSamples
{
    public static readonly Eid Eid = Eid.Parse("89049032000000000000000000000001");

    private static readonly TransactionId Id = TransactionId.FromBytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    private static readonly byte[] Signature = [.. Enumerable.Range(1, 64).Select(i => (byte)i)];

    /// <summary>Name and bytes.</summary>
    public static IReadOnlyList<(string Name, byte[] Message)> All { get; } = Make();

    private static List<(string, byte[])> Make()
    {
        var notification = Notification();
        var installation = BerMessage.Decode<PendingNotification>(Installation());
        EuiccPackageResult signed = Result(EuiccPackageResultSigned.Encode(
            EuiccPackageResultSigned.EncodeData("openeim", 7, Id, 12, [new CommandResult(EuiccCommand.Enable, 0)]), Signature));
        EuiccPackageResult refused = Result(EuiccPackageErrorSigned.Encode(
            EuiccPackageErrorSigned.EncodeData("openeim", 7, Id, EuiccPackageErrorCode.ReplayError), Signature));
        EuiccPackageResult unsigned = Result(EuiccPackageErrorUnsigned.Encode("openeim", Id, 5));
        return
        [
            ("BF39", new InitiateAuthenticationRequestEsipa(new byte[16], "smdp.example.com", Convert.FromHexString("BF20058203020500"), Id).Encode()),
            ("BF3A", new GetBoundProfilePackageRequestEsipa(Id, Convert.FromHexString("BF2103800101")).Encode()),
            ("BF3B", new AuthenticateClientRequestEsipa(Id, Convert.FromHexString("BF3803800101")).Encode()),
            ("BF3D A0 30", new HandleNotification(notification).Encode()),
            ("BF3D A0 BF37", new HandleNotification(installation).Encode()),
            ("BF3D BF50", new HandleNotification(null, new ProvideEimPackageResult(Eid, new EimPackageResult(signed))).Encode()),
            ("BF41", new CancelSessionRequestEsipa(Id, new CancelSessionResponse(null, CancelSessionResponseError.InvalidTransactionId)).Encode()),
            ("BF4E 05", Convert.FromHexString("BF4E020500")),
            ("BF4F", new GetEimPackageRequest(Eid, true, StateChangeCause.Fallback).Encode()),
            ("BF50 BF51 A0", Provide(new EimPackageResult(signed))),
            ("BF50 BF51 A1", Provide(new EimPackageResult(refused))),
            ("BF50 BF51 A2", Provide(new EimPackageResult(unsigned))),
            ("BF50 30", Provide(new EimPackageResult(signed, [notification, installation]))),
            ("BF50 BF52 A0", Provide(new EimPackageResult(DataResponse: Data(notification, signed)))),
            ("BF50 BF52 A1", Provide(new EimPackageResult(DataResponse: new IpaEuiccDataError(IpaEuiccDataErrorCode.IncorrectTagList) { TransactionId = Id }))),
            ("BF50 BF54 BF37", Provide(new EimPackageResult(DownloadResult: new ProfileDownloadTriggerResult(Id, (ProfileInstallationResult)installation)))),
            ("BF50 BF54 30", Provide(new EimPackageResult(DownloadResult: new ProfileDownloadTriggerResult(Id, null, 127, new byte[] { 1, 2, 3 })))),
            ("BF50 A0", Provide(new EimPackageResult(Error: new EimPackageResultError(Id, EimPackageResultErrorCode.InvalidPackageFormat)))),
        ];
    }

    private static byte[] Provide(EimPackageResult result) => new ProvideEimPackageResult(Eid, result).Encode();

    private static EuiccPackageResult Result(byte[] encoded) => BerMessage.Decode<EuiccPackageResult>(encoded);

    private static IpaEuiccData Data(PendingNotification notification, EuiccPackageResult result) => new()
    {
        TransactionId = Id,
        Notifications = [notification],
        PackageResults = [result],
        DefaultSmdpAddress = "dp",
        RootSmdsAddress = "ds",
        AssociationToken = 3,
        EuiccInfo1 = Convert.FromHexString("BF20058203020500"),
        IpaCapabilities = new IpaCapabilities(IpaFeatures.DirectRspServerCommunication, EimSupportedProtocols.RetrieveHttps),
        EumCertificate = Certificates.Eum,
        EuiccCertificate = Certificates.Euicc,
    };

    private static OtherSignedNotification Notification() => OtherSignedNotification.Create(
        new NotificationMetadata(3, NotificationEvents.Enable, "smdp.example.com", Iccid.Parse("8949000000000000001")).Encode(),
        Signature,
        Certificates.Euicc,
        Certificates.Eum);

    private static byte[] Installation() => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0xBF37))
        {
            using (writer.Constructed(0xBF27))
            {
                writer.Transaction(0x80, Id);
                writer.Raw(new NotificationMetadata(4, NotificationEvents.Install, "dp", Iccid.Parse("8949000000000000002")).Encode());
                writer.Raw(Convert.FromHexString("060388370AA20DA00B4F05A00000055904023000"));
            }

            writer.Octets(0x5F37, Signature);
        }
    });

    private static class Certificates
    {
        static Certificates()
        {
            var now = TimeProvider.System.GetUtcNow();
            using var pki = new TestPki(EcCurve.P256, now.AddDays(-1), now.AddYears(1));
            using var euicc = pki.IssueEuicc(Eid);
            (Eum, Euicc) = (pki.Eum.Certificate.Encoded, euicc.Certificate.Encoded);
        }

        public static ReadOnlyMemory<byte> Eum { get; }

        public static ReadOnlyMemory<byte> Euicc { get; }
    }
}

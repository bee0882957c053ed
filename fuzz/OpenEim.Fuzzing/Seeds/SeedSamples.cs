using System.Security.Cryptography;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Fuzzing.Seeds;

/// <summary>What the vectors of the tests lack, from our own encoders.</summary>
internal static class SeedSamples
{
    public static readonly string[] Texts =
    [
        "1$smdp.example.com$MATCHING-ID", "LPA:1$smdp.example.com:8443$A.B_C$2.999.10$1", "1$127.0.0.1$", "smdp.example.com", "smdp.example.com:8443", "[::1]:443", "127.0.0.1",
        "89049032000000000000000000000001", "8949000000000000001", "89490000000000000012", "001010123456789", "262011234567890", "0A0B0C", "00112233445566778899AABBCCDDEEFF",
        "iccid,imsi,ki,opc\n8949000000000000001,001010123456789,00112233445566778899AABBCCDDEEFF,00112233445566778899AABBCCDDEEFF\n",
        "iccid,imsi,ki,opc,puk1,adm1,ota\n8949000000000000001,001010123456789,00112233445566778899AABBCCDDEEFF,00112233445566778899AABBCCDDEEFF,12345678,87654321,01:01:00112233445566778899AABBCCDDEEFF\n",
        "# known since June\nserial 0123ABCD\nkey 5F0A\neid 8904903200\n",
    ];

    public static readonly string[] Json =
    [
        """{"header":{"functionRequesterIdentifier":"eim","functionCallIdentifier":"1"},"eid":"89049032000000000000000000000001","iccid":"8949000000000000001F","profileType":"IoT"}""",
        """{"header":{"functionRequesterIdentifier":"eim","functionCallIdentifier":"2"},"profileType":"IoT"}""",
        """{"header":{"functionRequesterIdentifier":"eim","functionCallIdentifier":"3"},"iccid":"8949000000000000001F","eid":"89049032000000000000000000000001","matchingId":"A-1","confirmationCode":"1234","smdsAddress":"smds.example.com","releaseFlag":true}""",
        """{"header":{"functionRequesterIdentifier":"eim","functionCallIdentifier":"4"},"iccid":"8949000000000000001F","matchingId":"A-1","finalProfileStatusIndicator":"Available"}""",
        """{"header":{"functionRequesterIdentifier":"smdp","functionCallIdentifier":"5"},"eid":"89049032000000000000000000000001","iccid":"8949000000000000001F","profileType":"IoT","timestamp":"2026-01-02T03:04:05Z","notificationPointId":4,"notificationPointStatus":{"status":"Executed-Success"}}""",
        """{"header":{"functionExecutionStatus":{"status":"Executed-Success"}},"iccid":"8949000000000000001F"}""",
        """{"header":{"functionExecutionStatus":{"status":"Executed-Success"}},"matchingId":"A-1","eid":"89049032000000000000000000000001","smdpAddress":"smdp.example.com"}""",
        """{"header":{"functionExecutionStatus":{"status":"Failed","statusCodeData":{"subjectCode":"8.2.6","reasonCode":"3.8","subjectIdentifier":"x","message":"no"}}}}""",
        """{"transactionId":"0A0B","cancelSessionResponse":"v0EDgQEC"}""",
    ];

    private static readonly TransactionId Id = TransactionId.FromBytes([1, 2, 3, 4]);
    private static readonly Eid Eid = Eid.Parse("89049032000000000000000000000001");
    private static readonly Iccid Iccid = Iccid.Parse("8949000000000000001");

    // ES10c EnableProfile, DisableProfile, DeleteProfile, eUICCMemoryReset, and answers of one code.
    private static readonly string[] Hex =
    [
        "BF3111A00C5A0A989400000000000000108101FF", "BF3211A00C5A0A989400000000000000108101FF", "BF330C5A0A98940000000000000010", "BF3316A0144F10A0000005591010FFFFFFFF8900001100",
        "BF3404820205E0", "BF3103800100", "BF3203800101", "BF3303800102", "BF3403800100", "BF3F03800100", "BF2903800102", "BF2803810101",
    ];

    /// <summary>PEM texts: certificates and keys of a PKI made for them.</summary>
    public static IEnumerable<string> Pems()
    {
        foreach (var curve in Enum.GetValues<EcCurve>())
        {
            using var pki = Pki(curve);
            yield return pki.Ci.Certificate.ToPem();
            yield return pki.Eum.Certificate.ToPem() + pki.Ci.Certificate.ToPem();
            yield return pki.Eum.Key.ToPem();
        }

        yield return string.Join("\n", RevocationSeeds.Lists().Select(list => PemEncoding.WriteString("X509 CRL", list)));
    }

    /// <summary>Bytes that are no TLV, and whole files.</summary>
    public static IEnumerable<byte[]> Bytes()
    {
        yield return Convert.FromHexString("A0BF20BF2281");
        yield return Eid.ToBytes();
        yield return Iccid.ToBytes();
        yield return Iccid.Parse("89490000000000000012").ToBytes();
        yield return Imsi.Parse("001010123456789").ToBytes();
        using var template = BuiltInTemplate.Create();
        using var subscriber = new SubscriberData(Iccid, Imsi.Parse("001010123456789"), AkaAlgorithm.Milenage, new byte[16], new byte[16]);
        yield return template.Personalise(subscriber);
        foreach (var curve in Enum.GetValues<EcCurve>())
        {
            using var pki = Pki(curve);
            using var tls = pki.IssueDpTls(["smdp.example.com", "127.0.0.1"]);
            yield return pki.Ci.Certificate.Encoded.ToArray();
            yield return pki.Eum.Certificate.Encoded.ToArray();
            yield return tls.Certificate.Encoded.ToArray();
            yield return pki.Ci.Key.PublicKey.ToSubjectPublicKeyInfo();
            yield return pki.Ci.Key.ToPkcs8();
            yield return Sec1(pki.Ci.Key);
        }

        foreach (var list in RevocationSeeds.Lists())
        {
            yield return list;
        }
    }

    /// <summary>Messages of which the vectors hold none.</summary>
    public static IEnumerable<byte[]> Messages()
    {
        using var pki = Pki(EcCurve.P256);
        using var euicc = pki.IssueEuicc(Eid);
        var metadata = new NotificationMetadata(3, NotificationEvents.Enable, "smdp.example.com", Iccid);
        IBerMessage[] messages =
        [
            new NotificationSentRequest(3), new GetEuiccDataResponse(Eid), new CancelSessionRequest(Id, CancelSessionReason.PprNotAllowed),
            new ListNotificationRequest(), new ListNotificationRequest(NotificationEvents.Install), new ListNotificationResponse([metadata]),
            new SetDefaultDpAddressRequest("smdp.example.com"), new SetNicknameRequest(Iccid, "Nickname"), new EuiccConfiguredAddressesResponse("smdp.example.com", "smds.example.com"),
            new GetEimConfigurationDataResponse([new EimConfigurationData { EimId = "eim.test", EimFqdn = "eim.test", CounterValue = 1, AssociationToken = 2 }]),
            new GetCertsResponse(pki.Eum.Certificate.Encoded, euicc.Certificate.Encoded),
            OtherSignedNotification.Create(metadata.Encode(), new byte[64], euicc.Certificate.Encoded, pki.Eum.Certificate.Encoded),
        ];
        return [.. messages.Select(message => message.Encode()), .. Hex.Select(Convert.FromHexString)];
    }

    internal static TestPki Pki(EcCurve curve) => new(curve, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2036, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>ECPrivateKey (RFC 5915) with the curve in it, from PKCS#8.</summary>
    private static byte[] Sec1(EcPrivateKey key)
    {
        var info = new BerReader(key.ToPkcs8()).ReadConstructed(0x30);
        info.ReadInteger();
        var algorithm = info.ReadConstructed(0x30);
        algorithm.ReadEncoded(out _);
        var curve = algorithm.ReadEncoded(out _);
        var inner = new BerReader(info.ReadValue(0x04)).ReadConstructed(0x30);
        var (version, scalar) = (inner.ReadEncoded(0x02), inner.ReadEncoded(0x04));
        return BerWriting.Encode(writer =>
        {
            using (writer.Constructed(0x30))
            {
                writer.WriteEncodedValue(version.Span);
                writer.WriteEncodedValue(scalar.Span);
                using (writer.Constructed(0xA0))
                {
                    writer.WriteEncodedValue(curve.Span);
                }
            }
        });
    }
}

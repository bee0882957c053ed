using System.Security.Cryptography.X509Certificates;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Protocol.Tests.Security;

public sealed class PkiDirectoryTests : PkiFilesFixture
{
    [Theory]
    [InlineData(EcCurve.P256)]
    [InlineData(EcCurve.BrainpoolP256r1)]
    public void An_empty_directory_is_filled_for_a_server_and_opens_again_unchanged(EcCurve curve)
    {
        using var made = Open(PkiParts.Server, options => options with { Curve = curve, EimId = "eim.example", Hosts = Hosts });
        Assert.Equal(["ci.pem", "ci.key", "eim.pem", "eim.key", "eimtls.pem", "eimtls.key"], made.Files.Select(file => file.Name));
        Assert.All(made.Files, file => Assert.True(file.IsGenerated));
        Assert.All(made.Files, file => Assert.Equal(file.Name.EndsWith(".key", StringComparison.Ordinal), file.IsSecret));
        Assert.All(made.Files, file => Assert.Equal(file.IsSecret, file.Text.Contains("PRIVATE KEY", StringComparison.Ordinal)));
        Assert.Equal("eim.example", made.Eim!.Certificate.SubjectCommonName);
        Assert.Equal(curve, made.Eim.Key.Curve);
        Assert.Equal(EcCurve.P256, made.EimTls!.Key.Curve);
        Assert.True(made.EimTls.Certificate.IsSignedBy(made.Roots[0].PublicKey));
        Assert.Null(made.Eum);

        using var again = PkiDirectory.Open(made.Files.ToDictionary(file => file.Name, file => file.Text), new PkiOptions { Parts = PkiParts.Server, Now = Now });
        Assert.Empty(again.GeneratedFiles);
        Assert.Equal(made.Files.Select(file => file.Text), again.Files.Select(file => file.Text));
        Assert.Equal(made.Eim.Key.PublicKey, again.Eim!.Key.PublicKey);
    }

    [Theory]
    [InlineData(EcCurve.P256)]
    [InlineData(EcCurve.BrainpoolP256r1)]
    public void An_empty_directory_is_filled_for_devices_and_more_cards_can_be_made(EcCurve curve)
    {
        using var made = Open(PkiParts.Devices, options => options with { Curve = curve, Eid = Eid });
        var trust = new RspTrust(made.Roots);
        Assert.Equal("", trust.VerifyEuicc(made.Euicc!.Certificate, made.EumCertificate!, Eid, Now).Reason);
        Assert.Equal(7496, made.Euicc.Certificate.NotAfter.Year);

        var other = Eid.Parse("89049032000000000000000000000077");
        using var card = made.IssueEuicc(other, Now);
        Assert.Equal("", trust.VerifyEuicc(card.Certificate, made.EumCertificate!, other, Now).Reason);
        Assert.Contains("only for those that begin with 89049032", Refusal(() => made.IssueEuicc(Eid.Parse("89044000000000000000000000000077"), Now)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ci.pem", "C=XX, O=OpenEim, CN=OpenEim CI")]
    [InlineData("eum.pem", "C=XX, O=OpenEim, CN=OpenEim EUM")]
    [InlineData("euicc.pem", "C=XX, O=OpenEim, SERIALNUMBER=89049032000000000000000000000042, CN=eUICC 89049032000000000000000000000042")]
    [InlineData("eim.pem", "C=XX, O=OpenEim, CN=eim.example")]
    [InlineData("eimtls.pem", "C=XX, O=OpenEim, CN=eim.example.com")]
    [InlineData("dpauth.pem", "C=XX, O=OpenEim, CN=OpenEim SM-DP+ auth")]
    [InlineData("dppb.pem", "C=XX, O=OpenEim, CN=OpenEim SM-DP+ binding")]
    [InlineData("dptls.pem", "C=XX, O=OpenEim, CN=eim.example.com")]
    public void Every_generated_subject_has_country_organisation_and_common_name_in_this_order(string file, string subject)
    {
        using var made = Open(
            PkiParts.Server | PkiParts.Devices | Smdp,
            options => options with { EimId = "eim.example", Hosts = ["eim.example.com"], Eid = Eid.Parse("89049032000000000000000000000042") });
        using var certificate = X509Certificate2.CreateFromPem(made.Files.Single(made => made.Name == file).Text);

        // The platform prints an attribute that it knows by its OID, and from the last to the first, unless it is asked otherwise.
        Assert.Equal(subject, certificate.SubjectName.Decode(X500DistinguishedNameFlags.DoNotUseQuotes).Replace("OID.2.5.4.5", "SERIALNUMBER", StringComparison.Ordinal));
    }

    [Fact]
    public void A_servers_directory_serves_devices_too_and_only_the_rest_is_generated()
    {
        using var server = Open(PkiParts.Server);
        Write(server);
        using var devices = Open(PkiParts.Devices);
        Assert.Equal(["eum.pem", "eum.key", "euicc.pem", "euicc.key"], devices.GeneratedFiles.Select(file => file.Name));
        Write(devices);
        using var smdp = Open(Smdp, options => options with { DpOid = "2.999.30" });
        Assert.Equal(6, smdp.GeneratedFiles.Count());
        Assert.Equal(["2.999.30"], smdp.DpPb!.Certificate.RegisteredIds);
        Write(smdp);
        using var all = Open(PkiParts.Server | PkiParts.Devices | Smdp);
        Assert.Empty(all.GeneratedFiles);
        Assert.NotNull(all.DpTls);
    }

    [Fact]
    public void Only_what_the_caller_asks_for_is_read()
    {
        Files["euicc.pem"] = "nonsense";
        using var server = Open(PkiParts.Server);
        Assert.DoesNotContain(server.Files, file => file.Name == "euicc.pem");
    }

    [Theory]
    [InlineData(OpensslFixtures.P256Ci, OpensslFixtures.P256Sec1, EcCurve.P256)]
    [InlineData(OpensslFixtures.P256Ci, OpensslFixtures.P256Pkcs8, EcCurve.P256)]
    [InlineData(OpensslFixtures.BrainpoolCi, OpensslFixtures.BrainpoolSec1, EcCurve.BrainpoolP256r1)]
    [InlineData(OpensslFixtures.BrainpoolCi, OpensslFixtures.BrainpoolPkcs8, EcCurve.BrainpoolP256r1)]
    public void A_CI_of_openssl_with_its_key_in_either_form_issues_the_rest(string ci, string key, EcCurve curve)
    {
        Files["ci.pem"] = ci;
        Files["ci.key"] = key;
        using var pki = Open(PkiParts.Server | PkiParts.Devices);
        Assert.Equal(curve, pki.Euicc!.Key.Curve);
        Assert.True(pki.Eim!.Certificate.IsSignedBy(RspCertificate.FromPem(ci)[0].PublicKey));
        Assert.DoesNotContain(pki.GeneratedFiles, file => file.Name.StartsWith("ci.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(OpensslFixtures.P256Eum, OpensslFixtures.P256EumKey, OpensslFixtures.P256Euicc, OpensslFixtures.P256EuiccKey)]
    [InlineData(OpensslFixtures.BrainpoolEum, OpensslFixtures.BrainpoolEumKey, OpensslFixtures.BrainpoolEuicc, OpensslFixtures.BrainpoolEuiccKey)]
    public void A_card_of_openssl_under_one_of_several_roots_is_taken_with_or_without_the_manufacturers_key(string eum, string eumKey, string euicc, string euiccKey)
    {
        Files["ci.pem"] = OpensslFixtures.P256Ci + "\n" + OpensslFixtures.BrainpoolCi;
        (Files["eum.pem"], Files["eum.key"], Files["euicc.pem"], Files["euicc.key"]) = (eum, eumKey, euicc, euiccKey);
        using (var whole = Open(PkiParts.Devices))
        {
            Assert.NotNull(whole.Eum);
            Assert.Equal("89049032123451234512345678901235", whole.Euicc!.Certificate.SubjectSerialNumber);
            Assert.Equal(2, whole.Roots.Count);
        }

        Files.Remove("eum.key");
        using var card = Open(PkiParts.Devices);
        Assert.Null(card.Eum);
        Assert.NotNull(card.EumCertificate);
        Assert.Equal("eum.key is missing, so no card can be made", Refusal(() => card.IssueEuicc(Eid, Now)));
    }

    [Fact]
    public void Without_the_CIs_key_the_eIM_is_self_signed_and_a_given_manufacturer_still_makes_the_card()
    {
        Files["ci.pem"] = Pki.Ci.Certificate.ToPem();
        using var server = Open(PkiParts.Server);
        Assert.True(server.Eim!.Certificate.IsSignedBy(server.Eim.Key.PublicKey));
        Assert.True(server.EimTls!.Certificate.IsSelfIssued);
        Write(server);
        using var again = Open(PkiParts.Server);
        Assert.Empty(again.GeneratedFiles);

        Assert.Equal("eum.pem is missing and cannot be generated, since ci.key is missing too", Refusal(PkiParts.Devices));
        Put("eum", Pki.Eum);
        using var devices = Open(PkiParts.Devices);
        Assert.Equal(["euicc.pem", "euicc.key"], devices.GeneratedFiles.Select(file => file.Name));
    }

    [Fact]
    public void A_file_does_not_print_its_text()
    {
        using var made = Open(PkiParts.Server);
        Assert.Equal("ci.pem, ci.key, eim.pem, eim.key, eimtls.pem, eimtls.key", string.Join(", ", made.Files));
    }
}

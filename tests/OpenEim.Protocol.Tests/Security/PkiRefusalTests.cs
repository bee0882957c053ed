using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Protocol.Tests.Security;

public sealed class PkiRefusalTests : PkiFilesFixture
{
    [Theory]
    [InlineData("eim", PkiParts.Server)]
    [InlineData("eimtls", PkiParts.Server)]
    [InlineData("eum", PkiParts.Devices)]
    [InlineData("euicc", PkiParts.Devices)]
    [InlineData("dpauth", Smdp)]
    public void Half_a_pair_is_refused(string name, PkiParts parts)
    {
        WriteAll();
        var key = Files[name + ".key"];
        if (name == "eum")
        {
            Files.Remove("euicc.pem");
            Files.Remove("euicc.key");
        }

        Files.Remove(name + ".key");
        Assert.Equal($"{name}.pem is there but {name}.key, its private key, is missing", Refusal(parts));

        Files[name + ".key"] = key;
        Files.Remove(name + ".pem");
        Assert.Equal($"{name}.key is there but {name}.pem, the certificate that it belongs to, is missing", Refusal(parts));
    }

    [Theory]
    [InlineData("eim", PkiParts.Server)]
    [InlineData("eimtls", PkiParts.Server)]
    [InlineData("eum", PkiParts.Devices)]
    [InlineData("euicc", PkiParts.Devices)]
    [InlineData("dppb", Smdp)]
    public void The_key_of_another_certificate_is_refused(string name, PkiParts parts)
    {
        WriteAll();
        Files[name + ".key"] = OpensslFixtures.P256Sec1;
        Assert.Equal($"{name}.key does not belong to the certificate of {name}.pem", Refusal(parts));
    }

    [Fact]
    public void The_CIs_key_must_belong_to_one_of_the_roots()
    {
        Files["ci.key"] = OpensslFixtures.P256Sec1;
        Assert.Equal("ci.key is there but ci.pem, the certificate that it belongs to, is missing", Refusal(PkiParts.Server));
        Files["ci.pem"] = Pki.Ci.Certificate.ToPem();
        Assert.Equal("ci.key does not belong to any certificate of ci.pem", Refusal(PkiParts.Server));
        Files["ci.pem"] += OpensslFixtures.P256Ci;
        using var open = Open(PkiParts.Server);
        Assert.Equal("Fixture CI", open.Ci!.Certificate.SubjectCommonName);
    }

    [Theory]
    [InlineData("eim")]
    [InlineData("eimtls")]
    [InlineData("eum")]
    [InlineData("euicc")]
    [InlineData("dpauth")]
    [InlineData("dppb")]
    [InlineData("dptls")]
    public void What_another_CI_issued_does_not_lead_to_ci_pem(string name)
    {
        WriteAll();
        using var stranger = new TestPki(EcCurve.P256, Start, End);
        PutAll(stranger);
        Files["ci.pem"] = Pki.Ci.Certificate.ToPem();
        Files.Remove("ci.key");
        var refusal = Refusal(Part(name));
        Assert.StartsWith((name == "euicc" ? "eum" : name) + ".pem does not lead to ci.pem: ", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_of_another_manufacturer_does_not_lead_to_ci_pem()
    {
        WriteAll();
        using var other = Pki.IssueEum();
        using var card = Pki.IssueEuicc(Eid, issuer: other);
        Put("euicc", card);
        Assert.Equal("euicc.pem does not lead to ci.pem: the eUICC certificate names another issuer's key than the EUM's", Refusal(PkiParts.Devices));
    }

    [Theory]
    [InlineData("ci", "ci.pem is refused: the CI certificate expired on 2056-01-01 00:00:00Z")]
    [InlineData("eim", "eim.pem is refused: the eIM certificate expired on 2026-11-30 00:00:00Z")]
    [InlineData("eimtls", "eimtls.pem is refused: the eIM TLS certificate expired on 2026-11-30 00:00:00Z")]
    [InlineData("eum", "eum.pem is refused: the EUM certificate expired on 2026-11-30 00:00:00Z")]
    [InlineData("euicc", "euicc.pem is refused: the eUICC certificate expired on 2026-11-30 00:00:00Z")]
    [InlineData("dptls", "dptls.pem is refused: the DPtls certificate expired on 2026-11-30 00:00:00Z")]
    public void What_is_expired_is_refused(string name, string reason)
    {
        WriteAll();
        Func<CertificateTemplate, CertificateTemplate> old = template => template with { NotAfter = Now.AddDays(-1) };
        using var identity = name switch
        {
            "eim" => Pki.IssueEim("eim", old),
            "eimtls" => Pki.IssueEimTls(Hosts, old),
            "eum" => Pki.IssueEum(old),
            "euicc" => Pki.IssueEuicc(Eid, old),
            "dptls" => Pki.IssueDpTls(Hosts, change: old),
            _ => null,
        };
        if (identity is not null)
        {
            Put(name, identity);
        }

        Assert.Equal(reason, Refusal(Part(name), options => name == "ci" ? options with { Now = End.AddDays(1) } : options));
    }

    [Fact]
    public void What_is_not_yet_valid_is_refused()
    {
        using var identity = Pki.IssueEim("eim", template => template with { NotBefore = Now.AddDays(1) });
        WriteAll();
        Put("eim", identity);
        Assert.Equal("eim.pem is refused: the eIM certificate is valid from 2026-12-02 00:00:00Z only", Refusal(PkiParts.Server));
    }

    [Theory]
    [InlineData("ci", OpensslFixtures.P384Certificate, "ci.pem is refused: the CI's key is neither on P-256 nor on brainpoolP256r1 but of 1.3.132.0.34")]
    [InlineData("eim", OpensslFixtures.P384Certificate, "eim.pem is refused: its key is neither on P-256 nor on brainpoolP256r1 but of 1.3.132.0.34")]
    [InlineData("eimtls", OpensslFixtures.RsaCertificate, "eimtls.pem is refused: its key is neither on P-256 nor on brainpoolP256r1 but of 1.2.840.113549.1.1.1")]
    [InlineData("eim", "hello", "eim.pem is refused: the PEM text holds no certificate")]
    [InlineData("ci", OpensslFixtures.P256Sec1, "ci.pem is refused: the PEM text holds no certificate")]
    public void A_certificate_of_another_kind_is_refused(string name, string pem, string reason)
    {
        WriteAll();
        Files[name + ".pem"] = pem;
        Assert.Equal(reason, Refusal(PkiParts.Server));
    }

    [Fact]
    public void A_key_of_another_curve_is_refused()
    {
        WriteAll();
        Files["eim.key"] = OpensslFixtures.P384Sec1;
        Assert.Equal("eim.key is refused: a private key is neither on P-256 nor on brainpoolP256r1 but on 1.3.132.0.34", Refusal(PkiParts.Server));
    }

    [Fact]
    public void A_TLS_key_on_brainpool_is_refused()
    {
        WriteAll();
        using var identity = CertificateWriter.IssueWithNewKey(RspProfiles.EimTls(Hosts, Start, End), EcCurve.BrainpoolP256r1, Pki.Ci);
        Put("eimtls", identity);
        Assert.Equal("eimtls.pem is refused: its key is on BrainpoolP256r1, which TLS libraries do not share; it must be on P-256", Refusal(PkiParts.Server));
    }

    [Fact]
    public void An_EID_that_is_malformed_or_not_the_manufacturers_is_refused()
    {
        WriteAll();
        using var malformed = Pki.IssueEuicc(Eid, template => template with { SerialNumber = "8904" });
        Put("euicc", malformed);
        Assert.Equal("euicc.pem is refused: its subject's serial number is not an EID of 32 decimal digits", Refusal(PkiParts.Devices));

        using var foreign = Pki.IssueEuicc(Eid.Parse("89044045000000000000000000000042"));
        Put("euicc", foreign);
        Assert.Equal(
            "euicc.pem does not lead to ci.pem: the EUM may not issue for EID 89044045000000000000000000000042, only for those that begin with 89049032",
            Refusal(PkiParts.Devices));
    }

    [Fact]
    public void A_card_without_its_manufacturer_and_anything_without_its_root_is_refused()
    {
        WriteAll();
        Files.Remove("eum.pem");
        Files.Remove("eum.key");
        Assert.Equal("euicc.pem is there but eum.pem, its manufacturer's certificate, is missing", Refusal(PkiParts.Devices));
        Files.Remove("ci.pem");
        Files.Remove("ci.key");
        Assert.Equal("euicc.pem is there but ci.pem, the root that it should lead to, is missing", Refusal(PkiParts.Devices));
    }

    [Fact]
    public void An_eIM_without_a_name_and_a_TLS_certificate_without_a_host_or_not_for_servers_are_refused()
    {
        WriteAll();
        using var noHost = Pki.IssueEimTls(Hosts, template => template with { DnsNames = [], IpAddresses = [] });
        Put("eimtls", noHost);
        Assert.Equal("eimtls.pem is refused: it names no host in subjectAltName, so no TLS client can accept it", Refusal(PkiParts.Server));
        using var client = Pki.IssueEimTls(Hosts, template => template with { ExtendedKeyUsages = ["1.3.6.1.5.5.7.3.2"] });
        Put("eimtls", client);
        Assert.Equal("eimtls.pem is refused: its extended key usage is not for TLS servers", Refusal(PkiParts.Server));
        using var nameless = Pki.IssueEim("", template => template);
        Put("eim", nameless);
        Assert.Equal("eim.pem is refused: it has no common name, which is the eimId", Refusal(PkiParts.Server));
    }

    [Fact]
    public void Binding_and_authentication_certificates_of_two_SM_DPs_are_refused()
    {
        WriteAll();
        using var other = Pki.IssueDpPb("2.999.99");
        Put("dppb", other);
        Assert.Equal("dppb.pem does not lead to ci.pem: the DPpb certificate is for OID 2.999.99, not for 2.999.10", Refusal(Smdp));
    }

    [Fact]
    public void A_root_that_is_not_a_certification_authority_is_refused()
    {
        using var card = Pki.IssueEuicc(Eid);
        Files["ci.pem"] = Pki.Ci.Certificate.ToPem() + card.Certificate.ToPem();
        Assert.Equal("ci.pem is refused: the CI (number 2) certificate is not one of a certification authority", Refusal(PkiParts.Server));
    }

    [Fact]
    public void An_eIM_that_names_itself_as_its_issuer_but_is_signed_by_another_is_refused()
    {
        using var signer = Pki.IssueEim("eim.example");
        using var key = EcPrivateKey.Generate(EcCurve.P256);
        var namesake = CertificateWriter.SelfSign(RspProfiles.Eim("eim.example", Start, End), signer.Key);
        using var forged = new RspIdentity(
            CertificateWriter.Issue(RspProfiles.Eim("eim.example", Start, End), key.PublicKey, namesake, signer.Key), key);
        WriteAll();
        Put("eim", forged);
        Assert.Equal("eim.pem is refused: its signature is not its own, though it names itself as its issuer", Refusal(PkiParts.Server));
    }
}

using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Protocol.Tests.Security;

public sealed class PkiDirectoryTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2056, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Eid Eid = Eid.Parse("89049032000000000000000000000042");
    private static readonly string[] Hosts = ["localhost", "127.0.0.1"];

    private const PkiParts Smdp = PkiParts.Ci | PkiParts.DpAuth | PkiParts.DpPb | PkiParts.DpTls;

    private readonly TestPki _pki = new(EcCurve.P256, Start, End);
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);

    public void Dispose() => _pki.Dispose();

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
        _files["euicc.pem"] = "nonsense";
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
        _files["ci.pem"] = ci;
        _files["ci.key"] = key;
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
        _files["ci.pem"] = OpensslFixtures.P256Ci + "\n" + OpensslFixtures.BrainpoolCi;
        (_files["eum.pem"], _files["eum.key"], _files["euicc.pem"], _files["euicc.key"]) = (eum, eumKey, euicc, euiccKey);
        using (var whole = Open(PkiParts.Devices))
        {
            Assert.NotNull(whole.Eum);
            Assert.Equal("89049032123451234512345678901235", whole.Euicc!.Certificate.SubjectSerialNumber);
            Assert.Equal(2, whole.Roots.Count);
        }

        _files.Remove("eum.key");
        using var card = Open(PkiParts.Devices);
        Assert.Null(card.Eum);
        Assert.NotNull(card.EumCertificate);
        Assert.Equal("eum.key is missing, so no card can be made", Refusal(() => card.IssueEuicc(Eid, Now)));
    }

    [Fact]
    public void Without_the_CIs_key_the_eIM_is_self_signed_and_a_given_manufacturer_still_makes_the_card()
    {
        _files["ci.pem"] = _pki.Ci.Certificate.ToPem();
        using var server = Open(PkiParts.Server);
        Assert.True(server.Eim!.Certificate.IsSignedBy(server.Eim.Key.PublicKey));
        Assert.True(server.EimTls!.Certificate.IsSelfIssued);
        Write(server);
        using var again = Open(PkiParts.Server);
        Assert.Empty(again.GeneratedFiles);

        Assert.Equal("eum.pem is missing and cannot be generated, since ci.key is missing too", Refusal(PkiParts.Devices));
        Put("eum", _pki.Eum);
        using var devices = Open(PkiParts.Devices);
        Assert.Equal(["euicc.pem", "euicc.key"], devices.GeneratedFiles.Select(file => file.Name));
    }

    [Theory]
    [InlineData("eim", PkiParts.Server)]
    [InlineData("eimtls", PkiParts.Server)]
    [InlineData("eum", PkiParts.Devices)]
    [InlineData("euicc", PkiParts.Devices)]
    [InlineData("dpauth", Smdp)]
    public void Half_a_pair_is_refused(string name, PkiParts parts)
    {
        WriteAll();
        var key = _files[name + ".key"];
        if (name == "eum")
        {
            _files.Remove("euicc.pem");
            _files.Remove("euicc.key");
        }

        _files.Remove(name + ".key");
        Assert.Equal($"{name}.pem is there but {name}.key, its private key, is missing", Refusal(parts));

        _files[name + ".key"] = key;
        _files.Remove(name + ".pem");
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
        _files[name + ".key"] = OpensslFixtures.P256Sec1;
        Assert.Equal($"{name}.key does not belong to the certificate of {name}.pem", Refusal(parts));
    }

    [Fact]
    public void The_CIs_key_must_belong_to_one_of_the_roots()
    {
        _files["ci.key"] = OpensslFixtures.P256Sec1;
        Assert.Equal("ci.key is there but ci.pem, the certificate that it belongs to, is missing", Refusal(PkiParts.Server));
        _files["ci.pem"] = _pki.Ci.Certificate.ToPem();
        Assert.Equal("ci.key does not belong to any certificate of ci.pem", Refusal(PkiParts.Server));
        _files["ci.pem"] += OpensslFixtures.P256Ci;
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
        _files["ci.pem"] = _pki.Ci.Certificate.ToPem();
        _files.Remove("ci.key");
        var refusal = Refusal(Part(name));
        Assert.StartsWith((name == "euicc" ? "eum" : name) + ".pem does not lead to ci.pem: ", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_of_another_manufacturer_does_not_lead_to_ci_pem()
    {
        WriteAll();
        using var other = _pki.IssueEum();
        using var card = _pki.IssueEuicc(Eid, issuer: other);
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
            "eim" => _pki.IssueEim("eim", old),
            "eimtls" => _pki.IssueEimTls(Hosts, old),
            "eum" => _pki.IssueEum(old),
            "euicc" => _pki.IssueEuicc(Eid, old),
            "dptls" => _pki.IssueDpTls(Hosts, change: old),
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
        using var identity = _pki.IssueEim("eim", template => template with { NotBefore = Now.AddDays(1) });
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
        _files[name + ".pem"] = pem;
        Assert.Equal(reason, Refusal(PkiParts.Server));
    }

    [Fact]
    public void A_key_of_another_curve_is_refused()
    {
        WriteAll();
        _files["eim.key"] = OpensslFixtures.P384Sec1;
        Assert.Equal("eim.key is refused: a private key is neither on P-256 nor on brainpoolP256r1 but on 1.3.132.0.34", Refusal(PkiParts.Server));
    }

    [Fact]
    public void A_TLS_key_on_brainpool_is_refused()
    {
        WriteAll();
        using var identity = CertificateWriter.IssueWithNewKey(RspProfiles.EimTls(Hosts, Start, End), EcCurve.BrainpoolP256r1, _pki.Ci);
        Put("eimtls", identity);
        Assert.Equal("eimtls.pem is refused: its key is on BrainpoolP256r1, which TLS libraries do not share; it must be on P-256", Refusal(PkiParts.Server));
    }

    [Fact]
    public void An_EID_that_is_malformed_or_not_the_manufacturers_is_refused()
    {
        WriteAll();
        using var malformed = _pki.IssueEuicc(Eid, template => template with { SerialNumber = "8904" });
        Put("euicc", malformed);
        Assert.Equal("euicc.pem is refused: its subject's serial number is not an EID of 32 decimal digits", Refusal(PkiParts.Devices));

        using var foreign = _pki.IssueEuicc(Eid.Parse("89044045000000000000000000000042"));
        Put("euicc", foreign);
        Assert.Equal(
            "euicc.pem does not lead to ci.pem: the EUM may not issue for EID 89044045000000000000000000000042, only for those that begin with 89049032",
            Refusal(PkiParts.Devices));
    }

    [Fact]
    public void A_card_without_its_manufacturer_and_anything_without_its_root_is_refused()
    {
        WriteAll();
        _files.Remove("eum.pem");
        _files.Remove("eum.key");
        Assert.Equal("euicc.pem is there but eum.pem, its manufacturer's certificate, is missing", Refusal(PkiParts.Devices));
        _files.Remove("ci.pem");
        _files.Remove("ci.key");
        Assert.Equal("euicc.pem is there but ci.pem, the root that it should lead to, is missing", Refusal(PkiParts.Devices));
    }

    [Fact]
    public void An_eIM_without_a_name_and_a_TLS_certificate_without_a_host_or_not_for_servers_are_refused()
    {
        WriteAll();
        using var noHost = _pki.IssueEimTls(Hosts, template => template with { DnsNames = [], IpAddresses = [] });
        Put("eimtls", noHost);
        Assert.Equal("eimtls.pem is refused: it names no host in subjectAltName, so no TLS client can accept it", Refusal(PkiParts.Server));
        using var client = _pki.IssueEimTls(Hosts, template => template with { ExtendedKeyUsages = ["1.3.6.1.5.5.7.3.2"] });
        Put("eimtls", client);
        Assert.Equal("eimtls.pem is refused: its extended key usage is not for TLS servers", Refusal(PkiParts.Server));
        using var nameless = _pki.IssueEim("", template => template);
        Put("eim", nameless);
        Assert.Equal("eim.pem is refused: it has no common name, which is the eimId", Refusal(PkiParts.Server));
    }

    [Fact]
    public void Binding_and_authentication_certificates_of_two_SM_DPs_are_refused()
    {
        WriteAll();
        using var other = _pki.IssueDpPb("2.999.99");
        Put("dppb", other);
        Assert.Equal("dppb.pem does not lead to ci.pem: the DPpb certificate is for OID 2.999.99, not for 2.999.10", Refusal(Smdp));
    }

    [Fact]
    public void A_root_that_is_not_a_certification_authority_is_refused()
    {
        using var card = _pki.IssueEuicc(Eid);
        _files["ci.pem"] = _pki.Ci.Certificate.ToPem() + card.Certificate.ToPem();
        Assert.Equal("ci.pem is refused: the CI (number 2) certificate is not one of a certification authority", Refusal(PkiParts.Server));
    }

    [Fact]
    public void A_file_does_not_print_its_text()
    {
        using var made = Open(PkiParts.Server);
        Assert.Equal("ci.pem, ci.key, eim.pem, eim.key, eimtls.pem, eimtls.key", string.Join(", ", made.Files));
    }

    private void WriteAll() => PutAll(_pki);

    private void PutAll(TestPki pki)
    {
        Put("ci", pki.Ci);
        Put("eum", pki.Eum);
        PutNew("euicc", pki.IssueEuicc(Eid));
        PutNew("eim", pki.IssueEim("eim.example"));
        PutNew("eimtls", pki.IssueEimTls(Hosts));
        PutNew("dpauth", pki.IssueDpAuth());
        PutNew("dppb", pki.IssueDpPb());
        PutNew("dptls", pki.IssueDpTls(Hosts));
    }

    private void PutNew(string name, RspIdentity identity)
    {
        using (identity)
        {
            Put(name, identity);
        }
    }

    private void Put(string name, RspIdentity identity)
    {
        _files[name + ".pem"] = identity.Certificate.ToPem();
        _files[name + ".key"] = identity.Key.ToPem();
    }

    private void Write(PkiDirectory directory)
    {
        foreach (var file in directory.GeneratedFiles)
        {
            _files[file.Name] = file.Text;
        }
    }

    private static PkiParts Part(string name) => name switch
    {
        "eum" or "euicc" => PkiParts.Devices,
        "dpauth" => PkiParts.DpAuth,
        "dppb" => PkiParts.DpPb,
        "dptls" => PkiParts.DpTls,
        "eimtls" => PkiParts.EimTls,
        _ => PkiParts.Server,
    };

    private PkiDirectory Open(PkiParts parts, Func<PkiOptions, PkiOptions>? change = null)
    {
        var options = new PkiOptions { Parts = parts, Now = Now };
        return PkiDirectory.Open(_files, change is null ? options : change(options));
    }

    private string Refusal(PkiParts parts, Func<PkiOptions, PkiOptions>? change = null) => Refusal(() => Open(parts, change));

    private static string Refusal(Func<object> action) => Assert.Throws<ProtocolException>(action).Message;
}

using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Protocol.Tests.Security;

public sealed class RspTrustTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2056, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Eid Eid = Eid.Parse("89049032000000000000000000000042");

    private readonly TestPki _pki = new(EcCurve.P256, Start, End);
    private readonly RspTrust _trust;

    public RspTrustTests() => _trust = new RspTrust([_pki.Ci.Certificate]);

    public static TheoryData<EcCurve> Curves => [EcCurve.P256, EcCurve.BrainpoolP256r1];

    public void Dispose() => _pki.Dispose();

    [Theory]
    [MemberData(nameof(Curves))]
    public void A_right_chain_is_believed_and_tells_the_EID_and_the_key(EcCurve curve)
    {
        using var pki = new TestPki(curve, Start, End);
        using var euicc = pki.IssueEuicc(Eid);
        var result = new RspTrust([pki.Ci.Certificate]).VerifyEuicc(euicc.Certificate, pki.Eum.Certificate, Eid, Now);

        Assert.Equal(ChainError.None, result.Error);
        Assert.Equal("", result.Reason);
        Assert.Equal(Eid, result.Eid);
        Assert.Equal(euicc.Key.PublicKey, result.PublicKey);
    }

    [Theory]
    [InlineData(OpensslFixtures.P256Ci, OpensslFixtures.P256Eum, OpensslFixtures.P256Euicc, OpensslFixtures.P256EuiccKey)]
    [InlineData(OpensslFixtures.BrainpoolCi, OpensslFixtures.BrainpoolEum, OpensslFixtures.BrainpoolEuicc, OpensslFixtures.BrainpoolEuiccKey)]
    public void A_chain_that_openssl_made_is_believed(string ci, string eum, string euicc, string key)
    {
        var trust = new RspTrust(RspCertificate.FromPem(OpensslFixtures.P256Ci).Concat(RspCertificate.FromPem(OpensslFixtures.BrainpoolCi)));
        var at = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var result = trust.VerifyEuicc(
            RspCertificate.FromPem(euicc)[0].Encoded, RspCertificate.FromPem(eum)[0].Encoded, Eid.Parse("89049032123451234512345678901235"), at);

        Assert.Equal("", result.Reason);
        using var privateKey = EcPrivateKey.FromPem(key);
        Assert.Equal(privateKey.PublicKey, result.PublicKey);
        Assert.Single(trust.Roots, root => root.Encoded.Span.SequenceEqual(RspCertificate.FromPem(ci)[0].Encoded.Span));
    }

    [Fact]
    public void The_expected_EID_may_be_unknown()
    {
        using var euicc = _pki.IssueEuicc(Eid);
        Assert.Equal(Eid, _trust.VerifyEuicc(euicc.Certificate, _pki.Eum.Certificate, null, Now).Eid);
    }

    [Fact]
    public void Malformed() =>
        Expect(ChainError.Malformed, "is malformed", _trust.VerifyEuicc(new byte[] { 0x30, 0x00 }, _pki.Eum.Certificate.Encoded, null, Now));

    [Fact]
    public void UntrustedCi()
    {
        using var stranger = new TestPki(EcCurve.P256, Start, End);
        using var euicc = stranger.IssueEuicc(Eid);
        Expect(ChainError.UntrustedCi, "no trusted CI", _trust.VerifyEuicc(euicc.Certificate, stranger.Eum.Certificate, Eid, Now));
    }

    [Fact]
    public void BadSignature_of_an_EUM_that_a_stranger_signed_in_the_name_of_the_CI()
    {
        using var stranger = _pki.IssueCi();
        using var eum = _pki.IssueEum(template => template with { AuthorityKeyIdentifier = _pki.Ci.Certificate.SubjectKeyIdentifier }, stranger);
        using var euicc = _pki.IssueEuicc(Eid, issuer: eum);
        Expect(ChainError.BadSignature, "the CI did not sign the EUM certificate", _trust.VerifyEuicc(euicc.Certificate, eum.Certificate, Eid, Now));
        Assert.Equal(0, _trust.CachedEumCount);
    }

    [Fact]
    public void BadSignature_of_an_eUICC_that_another_EUM_signed_in_the_name_of_this_one()
    {
        using var other = _pki.IssueEum();
        using var euicc = _pki.IssueEuicc(Eid, template => template with { AuthorityKeyIdentifier = _pki.Eum.Certificate.SubjectKeyIdentifier }, other);
        Expect(ChainError.BadSignature, "the EUM did not sign the eUICC certificate", Verify(euicc));
    }

    [Fact]
    public void WrongIssuer_when_the_eUICC_names_the_key_of_another_EUM()
    {
        using var other = _pki.IssueEum();
        using var euicc = _pki.IssueEuicc(Eid, issuer: other);
        Expect(ChainError.WrongIssuer, "names another issuer's key than the EUM's", Verify(euicc));
    }

    [Fact]
    public void WrongIssuer_when_the_eUICC_names_another_EUM()
    {
        // The same key under another name, so that only the name is wrong.
        var renamed = CertificateWriter.Issue(
            RspProfiles.Eum("OpenEim Test", TestPki.EidPrefix, Start, End) with { CommonName = "Another" },
            _pki.Eum.Key.PublicKey,
            _pki.Ci.Certificate,
            _pki.Ci.Key);
        using var euicc = _pki.IssueEuicc(Eid);
        Expect(ChainError.WrongIssuer, "names another issuer than the EUM", _trust.VerifyEuicc(euicc.Certificate, renamed, Eid, Now));
    }

    [Fact]
    public void Expired_eUICC_and_the_last_second_is_still_valid()
    {
        using var euicc = _pki.IssueEuicc(Eid, template => template with { NotAfter = Now });
        Expect(ChainError.None, "", Verify(euicc));
        Expect(ChainError.Expired, "the eUICC certificate expired on 2026-06-01 00:00:00Z", _trust.VerifyEuicc(euicc.Certificate, _pki.Eum.Certificate, Eid, Now.AddSeconds(1)));
    }

    [Fact]
    public void NotYetValid_eUICC_and_the_first_second_is_valid()
    {
        using var euicc = _pki.IssueEuicc(Eid, template => template with { NotBefore = Now });
        Expect(ChainError.None, "", Verify(euicc));
        Expect(ChainError.NotYetValid, "the eUICC certificate is valid from 2026-06-01 00:00:00Z", _trust.VerifyEuicc(euicc.Certificate, _pki.Eum.Certificate, Eid, Now.AddSeconds(-1)));
    }

    [Fact]
    public void Expired_and_not_yet_valid_EUM()
    {
        using var old = _pki.IssueEum(template => template with { NotAfter = Now.AddDays(-1) });
        using var early = _pki.IssueEum(template => template with { NotBefore = Now.AddDays(1) });
        using var oldCard = _pki.IssueEuicc(Eid, issuer: old);
        using var earlyCard = _pki.IssueEuicc(Eid, issuer: early);
        Expect(ChainError.Expired, "the EUM certificate expired", _trust.VerifyEuicc(oldCard.Certificate, old.Certificate, Eid, Now));
        Expect(ChainError.NotYetValid, "the EUM certificate", _trust.VerifyEuicc(earlyCard.Certificate, early.Certificate, Eid, Now));
    }

    [Fact]
    public void WrongPolicy_when_another_role_is_presented_as_an_eUICC()
    {
        using var euicc = _pki.IssueEuicc(Eid, template => template with { Policies = ["2.23.146.1.2.1.4"] });
        using var none = _pki.IssueEuicc(Eid, template => template with { Policies = [] });
        Expect(ChainError.WrongPolicy, "the eUICC certificate does not have the policy of its role", Verify(euicc));
        Expect(ChainError.WrongPolicy, "the eUICC certificate does not have the policy of its role", Verify(none));
    }

    [Fact]
    public void WrongPolicy_when_another_role_is_presented_as_an_EUM()
    {
        using var eum = _pki.IssueEum(template => template with { Policies = ["2.23.146.1.2.1.1"] });
        using var euicc = _pki.IssueEuicc(Eid, issuer: eum);
        Expect(ChainError.WrongPolicy, "the EUM certificate does not have the policy of its role", _trust.VerifyEuicc(euicc.Certificate, eum.Certificate, Eid, Now));
    }

    [Fact]
    public void WrongKeyUsage_of_the_eUICC_the_EUM_and_the_CI()
    {
        using var euicc = _pki.IssueEuicc(Eid, template => template with { KeyUsage = KeyUsages.KeyAgreement });
        Expect(ChainError.WrongKeyUsage, "the eUICC certificate's key may not be used for DigitalSignature", Verify(euicc));

        using var eum = _pki.IssueEum(template => template with { KeyUsage = KeyUsages.DigitalSignature });
        Expect(ChainError.WrongKeyUsage, "the EUM certificate's key may not be used for KeyCertSign", _trust.VerifyEum(eum.Certificate, Now));

        using var ci = _pki.IssueCi(template => template with { KeyUsage = KeyUsages.CrlSign });
        using var below = _pki.IssueEum(issuer: ci);
        Expect(ChainError.WrongKeyUsage, "the CI certificate's key may not be used for KeyCertSign", new RspTrust([ci.Certificate]).VerifyEum(below.Certificate, Now));
    }

    [Fact]
    public void NotACa()
    {
        using var eum = _pki.IssueEum(template => template with { IsCa = false });
        Expect(ChainError.NotACa, "the EUM certificate is not one of a certification authority", _trust.VerifyEum(eum.Certificate, Now));

        using var ci = _pki.IssueCi(template => template with { IsCa = false });
        using var below = _pki.IssueEum(issuer: ci);
        Expect(ChainError.NotACa, "the CI certificate", new RspTrust([ci.Certificate]).VerifyEum(below.Certificate, Now));
    }

    [Fact]
    public void PathTooLong_when_the_CI_allows_no_issuer_below_it()
    {
        using var ci = _pki.IssueCi(template => template with { PathLength = 0 });
        using var eum = _pki.IssueEum(issuer: ci);
        Expect(ChainError.PathTooLong, "allows 0 issuers below it, not 1", new RspTrust([ci.Certificate]).VerifyEum(eum.Certificate, Now));
    }

    [Fact]
    public void EidMismatch_with_the_expected_EID_and_without_any_EID()
    {
        using var euicc = _pki.IssueEuicc(Eid);
        var other = Eid.Parse("89049032000000000000000000000043");
        Expect(ChainError.EidMismatch, $"is for EID {Eid}, not for {other}", _trust.VerifyEuicc(euicc.Certificate, _pki.Eum.Certificate, other, Now));

        using var nameless = _pki.IssueEuicc(Eid, template => template with { SerialNumber = null });
        using var shortened = _pki.IssueEuicc(Eid, template => template with { SerialNumber = "8904903200000000000000000000004" });
        Expect(ChainError.EidMismatch, "states no EID of 32 digits", Verify(nameless));
        Expect(ChainError.EidMismatch, "states no EID of 32 digits", Verify(shortened));
    }

    [Fact]
    public void EidNotPermitted_for_another_prefix()
    {
        var foreign = Eid.Parse("89044045000000000000000000000042");
        using var euicc = _pki.IssueEuicc(foreign);
        Expect(ChainError.EidNotPermitted, "only for those that begin with 89049032", _trust.VerifyEuicc(euicc.Certificate, _pki.Eum.Certificate, foreign, Now));
    }

    [Fact]
    public void EidNotPermitted_for_another_organisation()
    {
        using var euicc = _pki.IssueEuicc(Eid, template => template with { Organization = "Somebody" });
        using var none = _pki.IssueEuicc(Eid, template => template with { Organization = null });
        Expect(ChainError.EidNotPermitted, "for the organisation Somebody", Verify(euicc));
        Expect(ChainError.EidNotPermitted, "for the organisation (none)", Verify(none));
    }

    [Fact]
    public void EidNotPermitted_when_the_EUM_names_no_prefix_or_the_prefix_of_one_organisation_with_another()
    {
        ExpectEum(ChainError.EidNotPermitted, "permits no EIDs at all", template => template with { PermittedNames = [] });
        ExpectEum(ChainError.EidNotPermitted, "permits no EIDs at all", template => template with { PermittedNames = [new("OpenEim Test", null)] });
        ExpectEum(
            ChainError.EidNotPermitted,
            "for the organisation OpenEim Test",
            template => template with { PermittedNames = [new("OpenEim Test", "89044"), new("Other", "89049032")] });
    }

    [Fact]
    public void The_newer_EUM_states_prefixes_in_their_own_extension()
    {
        ExpectEum(ChainError.None, "", template => New(template) with { EidPrefixes = ["8904404", "89049032"] });
        ExpectEum(ChainError.None, "", template => New(template) with { EidPrefixes = ["89049032"], PermittedNames = [] });
        ExpectEum(
            ChainError.EidNotPermitted,
            "only for those that begin with 8904404 or 8903",
            template => New(template) with { EidPrefixes = ["8904404", "8903"] });
        ExpectEum(
            ChainError.EidNotPermitted,
            "for the organisation OpenEim Test",
            template => New(template) with { EidPrefixes = ["89049032"], PermittedNames = [new("Other", null)] });

        static CertificateTemplate New(CertificateTemplate template) =>
            template with { Policies = ["2.23.146.1.2.1.0.0.0"], PermittedNames = [new("OpenEim Test", null)] };
    }

    [Fact]
    public void UnsupportedCurve_of_a_root_and_of_an_eUICC_that_is_not_on_its_EUMs_curve()
    {
        using var key = EcPrivateKey.Generate(EcCurve.BrainpoolP256r1);
        var template = RspProfiles.Euicc(Eid, "OpenEim Test", Start, End);
        var euicc = CertificateWriter.Issue(template, key.PublicKey, _pki.Eum.Certificate, _pki.Eum.Key);
        Expect(
            ChainError.UnsupportedCurve,
            "the eUICC's key is on BrainpoolP256r1 but the EUM's on P256",
            _trust.VerifyEuicc(euicc, _pki.Eum.Certificate, Eid, Now));

        var p384 = RspCertificate.FromPem(OpensslFixtures.P384Certificate)[0];
        using var eum = _pki.IssueEum(changed => changed with { AuthorityKeyIdentifier = p384.SubjectKeyIdentifier });
        Expect(ChainError.UnsupportedCurve, "but of 1.3.132.0.34", new RspTrust([p384]).VerifyEum(eum.Certificate, Now));
    }

    [Fact]
    public void Several_roots_and_two_of_one_key_are_told_apart()
    {
        using var second = new TestPki(EcCurve.P256, Start, End);
        var renewed = CertificateWriter.SelfSign(RspProfiles.Ci("Renewed CI", "OpenEim Test", Start, End), _pki.Ci.Key);
        using var firstCard = _pki.IssueEuicc(Eid);
        using var secondCard = second.IssueEuicc(Eid);
        foreach (var roots in (RspCertificate[][])[[renewed, _pki.Ci.Certificate, second.Ci.Certificate], [second.Ci.Certificate, _pki.Ci.Certificate, renewed]])
        {
            var trust = new RspTrust(roots);
            Expect(ChainError.None, "", trust.VerifyEuicc(firstCard.Certificate, _pki.Eum.Certificate, Eid, Now));
            Expect(ChainError.None, "", trust.VerifyEuicc(secondCard.Certificate, second.Eum.Certificate, Eid, Now));
        }

        Expect(ChainError.WrongIssuer, "names another issuer than the CI", new RspTrust([renewed]).VerifyEum(_pki.Eum.Certificate, Now));
    }

    [Fact]
    public void A_remembered_EUM_does_not_outlive_its_own_or_its_CIs_validity()
    {
        using var eum = _pki.IssueEum(template => template with { NotAfter = Now.AddDays(1) });
        using var euicc = _pki.IssueEuicc(Eid, issuer: eum);
        Expect(ChainError.None, "", _trust.VerifyEuicc(euicc.Certificate, eum.Certificate, Eid, Now));
        Assert.Equal(1, _trust.CachedEumCount);
        Expect(ChainError.Expired, "the EUM certificate expired", _trust.VerifyEuicc(euicc.Certificate, eum.Certificate, Eid, Now.AddDays(2)));

        using var ci = _pki.IssueCi(template => template with { NotAfter = Now.AddDays(1) });
        using var below = _pki.IssueEum(issuer: ci);
        var trust = new RspTrust([ci.Certificate]);
        Expect(ChainError.None, "", trust.VerifyEum(below.Certificate, Now));
        Expect(ChainError.Expired, "the CI certificate expired", trust.VerifyEum(below.Certificate, Now.AddDays(2)));
        Expect(ChainError.NotYetValid, "the EUM certificate", trust.VerifyEum(below.Certificate, Start.AddDays(-1)));
    }

    [Fact]
    public void Remembered_EUMs_are_bounded_and_only_believed_ones_are_remembered()
    {
        var trust = new RspTrust([_pki.Ci.Certificate], eumCacheCapacity: 2);
        for (var i = 0; i < 5; i++)
        {
            using var eum = _pki.IssueEum();
            Expect(ChainError.None, "", trust.VerifyEum(eum.Certificate, Now));
            Expect(ChainError.None, "", trust.VerifyEum(eum.Certificate, Now));
            Assert.InRange(trust.CachedEumCount, 1, 2);
        }

        using var wrong = _pki.IssueEum(template => template with { IsCa = false });
        var fresh = new RspTrust([_pki.Ci.Certificate]);
        Expect(ChainError.NotACa, "", fresh.VerifyEum(wrong.Certificate, Now));
        Expect(ChainError.NotACa, "", fresh.VerifyEum(wrong.Certificate, Now));
        Assert.Equal(0, fresh.CachedEumCount);
    }

    [Theory]
    [MemberData(nameof(Curves))]
    public void An_SM_DPs_certificates_are_believed_in_their_roles_only(EcCurve curve)
    {
        using var pki = new TestPki(curve, Start, End);
        var trust = new RspTrust([pki.Ci.Certificate]);
        using var auth = pki.IssueDpAuth("2.999.20");
        using var pb = pki.IssueDpPb("2.999.20");
        using var tls = pki.IssueDpTls(["smdp.example"], "2.999.20");

        Assert.Equal(auth.Key.PublicKey, trust.VerifyServer(auth.Certificate, RspRole.DpAuth, null, Now).PublicKey);
        Expect(ChainError.None, "", trust.VerifyServer(pb.Certificate, RspRole.DpPb, "2.999.20", Now));
        Expect(ChainError.None, "", trust.VerifyServer(tls.Certificate, RspRole.DpTls, "2.999.20", Now));
        Expect(ChainError.WrongPolicy, "the DPpb certificate", trust.VerifyServer(auth.Certificate, RspRole.DpPb, null, Now));
        Expect(ChainError.WrongPolicy, "the DPauth certificate", trust.VerifyServer(pb.Certificate, RspRole.DpAuth, null, Now));
        Expect(ChainError.OidMismatch, "is for OID 2.999.20, not for 2.999.21", trust.VerifyServer(pb.Certificate, RspRole.DpPb, "2.999.21", Now));
    }

    [Fact]
    public void An_SM_DPs_certificate_without_an_OID_or_not_for_TLS_or_of_a_stranger_is_not_believed()
    {
        using var nameless = _pki.IssueDpAuth(change: template => template with { RegisteredId = null });
        using var notTls = _pki.IssueDpTls(["smdp.example"], change: template => template with { ExtendedKeyUsages = [] });
        using var stranger = _pki.IssueCi();
        using var foreign = _pki.IssueDpAuth(issuer: stranger);
        using var expired = _pki.IssueDpAuth(change: template => template with { NotAfter = Now.AddDays(-1) });

        Expect(ChainError.OidMismatch, "states no OID", _trust.VerifyServer(nameless.Certificate, RspRole.DpAuth, null, Now));
        Expect(ChainError.WrongKeyUsage, "is not for TLS servers", _trust.VerifyServer(notTls.Certificate, RspRole.DpTls, null, Now));
        Expect(ChainError.UntrustedCi, "no trusted CI", _trust.VerifyServer(foreign.Certificate, RspRole.DpAuth, null, Now));
        Expect(ChainError.Expired, "the DPauth certificate expired", _trust.VerifyServer(expired.Certificate, RspRole.DpAuth, null, Now));
    }

    private ChainResult Verify(RspIdentity euicc) => _trust.VerifyEuicc(euicc.Certificate, _pki.Eum.Certificate, Eid, Now);

    private void ExpectEum(ChainError error, string reason, Func<CertificateTemplate, CertificateTemplate> change)
    {
        using var eum = _pki.IssueEum(change);
        using var euicc = _pki.IssueEuicc(Eid, issuer: eum);
        Expect(error, reason, _trust.VerifyEuicc(euicc.Certificate, eum.Certificate, Eid, Now));
    }

    private static void Expect(ChainError error, string reason, ChainResult result)
    {
        Assert.Equal((error, result.Reason), (result.Error, result.Reason));
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
        Assert.Equal(error == ChainError.None, result.IsTrusted);
        Assert.Equal(error == ChainError.None, result.PublicKey is not null);
    }
}

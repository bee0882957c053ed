using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Protocol.Tests.Security;

/// <summary>Revocation lists and the quarantine, on chains that are good but for them.</summary>
public sealed class RevocationTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Eid Eid = Eid.Parse("89049032000000000000000000000042");
    private static readonly Eid OtherEid = Eid.Parse("89049032000000000000000000000043");

    private readonly TestPki _pki = new(EcCurve.P256, Start, Start.AddYears(30));
    private readonly RspTrust _trust;
    private readonly RspIdentity _card;

    public RevocationTests()
    {
        _trust = new RspTrust([_pki.Ci.Certificate]);
        _card = _pki.IssueEuicc(Eid);
    }

    public void Dispose()
    {
        _card.Dispose();
        _pki.Dispose();
    }

    [Fact]
    public void EUM_that_its_CI_has_revoked_is_not_believed_although_it_was_remembered()
    {
        Assert.True(Verify().IsTrusted);
        Assert.Equal(1, _trust.CachedEumCount);

        Use(List(_pki.Ci, _pki.Eum.Certificate));
        var result = Verify();
        Assert.Equal(ChainError.Revoked, result.Error);
        Assert.Equal($"the EUM certificate {Serial(_pki.Eum.Certificate)} is revoked by its issuer", result.Reason);
        Assert.Equal(ChainError.Revoked, _trust.VerifyEum(_pki.Eum.Certificate, Now).Error);

        _trust.Revocations = Revocations.None;
        Assert.True(Verify().IsTrusted);
    }

    [Fact]
    public void EUICC_that_its_EUM_has_revoked_is_not_believed_and_others_are()
    {
        Use(List(_pki.Eum, _card.Certificate));
        Assert.Equal(ChainError.Revoked, Verify().Error);
        using var other = _pki.IssueEuicc(OtherEid);
        Assert.True(_trust.VerifyEuicc(other.Certificate, _pki.Eum.Certificate, OtherEid, Now).IsTrusted);
    }

    [Theory]
    [InlineData(RspRole.DpAuth)]
    [InlineData(RspRole.DpPb)]
    [InlineData(RspRole.DpTls)]
    public void Server_that_the_CI_has_revoked_is_not_believed(RspRole role)
    {
        using var server = role switch
        {
            RspRole.DpAuth => _pki.IssueDpAuth(),
            RspRole.DpPb => _pki.IssueDpPb(),
            _ => _pki.IssueDpTls(["smdp.test"]),
        };
        Assert.True(_trust.VerifyServer(server.Certificate, role, null, Now).IsTrusted);
        Use(List(_pki.Ci, server.Certificate));
        Assert.Equal(ChainError.Revoked, _trust.VerifyServer(server.Certificate, role, null, Now).Error);
    }

    [Fact]
    public void List_that_its_issuer_did_not_sign_is_not_applied_and_is_known()
    {
        using var forger = _pki.IssueCi();
        var forged = List(_pki.Ci, signer: forger, revoked: _pki.Eum.Certificate);
        Use(forged);
        Assert.True(Verify().IsTrusted);
        Assert.Equal(["list 0"], _trust.Revocations.Refused);
        Assert.Equal(["list 0"], new Revocations([("list 0", forged)], Quarantine.None).RefusedBy(_trust.Roots));
    }

    [Fact]
    public void List_of_an_issuer_with_the_same_name_and_another_key_is_not_this_ones()
    {
        using var namesake = _pki.IssueCi();
        Use(List(namesake, _pki.Eum.Certificate));
        Assert.True(Verify().IsTrusted);
        Assert.Empty(_trust.Revocations.Refused);
    }

    [Fact]
    public void List_that_has_expired_stays_in_force_and_is_told()
    {
        var list = List(_pki.Ci, _pki.Eum.Certificate);
        Use(list);
        Assert.Equal(list.NextUpdate, Now.AddDays(30));
        Assert.Empty(_trust.Revocations.ExpiredAt(Now.AddDays(30)));
        Assert.Equal(["list 0"], _trust.Revocations.ExpiredAt(Now.AddDays(30).AddSeconds(1)));
        Assert.Equal(ChainError.Revoked, _trust.VerifyEum(_pki.Eum.Certificate, Now.AddDays(31)).Error);
    }

    [Fact]
    public void Several_lists_of_one_issuer_count_together()
    {
        using var server = _pki.IssueDpAuth();
        Use(List(_pki.Ci, server.Certificate), List(_pki.Ci, _pki.Eum.Certificate));
        Assert.Equal(ChainError.Revoked, Verify().Error);
        Assert.Equal(ChainError.Revoked, _trust.VerifyServer(server.Certificate, RspRole.DpAuth, null, Now).Error);
    }

    [Fact]
    public void PEM_and_DER_are_read_and_nothing_else()
    {
        var der = Build(_pki.Ci, _pki.Ci, _pki.Eum.Certificate);
        var pem = PemEncoding.WriteString("X509 CRL", der);
        Assert.Equal(1, Assert.Single(Revocations.Read(der)).Count);
        Assert.Equal([1, 1], Revocations.Read(System.Text.Encoding.UTF8.GetBytes(pem + "\n" + pem)).Select(list => list.Count));
        Assert.Throws<ProtocolException>(() => Revocations.Read("hello"u8.ToArray()));
        Assert.Throws<ProtocolException>(() => Revocations.Read(_pki.Ci.Certificate.Encoded));
        for (var length = 1; length < der.Length; length++)
        {
            Assert.Throws<ProtocolException>(() => RevocationList.Parse(der.AsMemory(0, length)));
        }
    }

    [Fact]
    public void Serial_numbers_are_compared_as_numbers()
    {
        var list = List(_pki.Ci, _pki.Eum.Certificate);
        var serial = _pki.Eum.Certificate.SerialNumber.ToArray();
        Assert.True(list.Holds(serial));
        Assert.True(list.Holds([0, .. serial]));
        Assert.False(list.Holds([.. serial, 0]));
    }

    [Theory]
    [InlineData("serial {0}")]
    [InlineData("  serial 00{0}   # stolen")]
    [InlineData("key {1}")]
    [InlineData("# EUM\n\nkey {1}\neid 123")]
    public void Quarantined_EUM_vouches_for_nobody_although_it_was_remembered(string text)
    {
        Assert.True(Verify().IsTrusted);
        Isolate(string.Format(null, text, Serial(_pki.Eum.Certificate), Convert.ToHexString(_pki.Eum.Certificate.SubjectKeyIdentifier!.Value.Span)));
        var result = Verify();
        Assert.Equal(ChainError.Quarantined, result.Error);
        Assert.Equal($"the EUM certificate {Serial(_pki.Eum.Certificate)} is in quarantine", result.Reason);
    }

    [Theory]
    [InlineData("eid 89049032000000000000000000000042", false)]
    [InlineData("eid 8904903200", false)]
    [InlineData("eid 89049032000000000000000000000043", true)]
    [InlineData("eid 8904903300", true)]
    public void Quarantine_of_EIDs_is_by_their_beginning(string text, bool isTrusted)
    {
        Isolate(text);
        Assert.Equal(isTrusted ? ChainError.None : ChainError.Quarantined, Verify().Error);
        Assert.Equal(!isTrusted, _trust.Revocations.Quarantine.Holds(Eid, _card.Certificate.SubjectPublicKeyInfo.Span));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Quarantined_certificate_takes_its_key_with_it(bool isPem)
    {
        using var renewed = _pki.IssueEuicc(Eid);
        _trust.Revocations = new Revocations([], Quarantine.Read(
            [("card.cer", isPem ? System.Text.Encoding.UTF8.GetBytes(_card.Certificate.ToPem()) : _card.Certificate.Encoded)]));
        Assert.Equal(ChainError.Quarantined, Verify().Error);
        Assert.True(_trust.Revocations.Quarantine.Holds(Eid, _card.Certificate.SubjectPublicKeyInfo.Span));
        Assert.False(_trust.Revocations.Quarantine.Holds(Eid, renewed.Certificate.SubjectPublicKeyInfo.Span));
        Assert.True(_trust.VerifyEuicc(renewed.Certificate, _pki.Eum.Certificate, Eid, Now).IsTrusted);
    }

    [Theory]
    [InlineData("serial")]
    [InlineData("serial XYZ")]
    [InlineData("eid 89A")]
    [InlineData("key 1")]
    [InlineData("imei 123456")]
    [InlineData("serial 01 02")]
    public void Line_that_says_nothing_is_refused_with_its_number(string line)
    {
        var e = Assert.Throws<ProtocolException>(() => Quarantine.Read([("list.txt", System.Text.Encoding.UTF8.GetBytes("serial 01\n" + line))]));
        Assert.Equal("list.txt: line 2 is none of: serial HEX, key HEX, eid DIGITS", e.Message);
    }

    private ChainResult Verify() => _trust.VerifyEuicc(_card.Certificate, _pki.Eum.Certificate, Eid, Now);

    private void Use(params RevocationList[] lists) =>
        _trust.Revocations = new Revocations(lists.Select((list, index) => ($"list {index}", list)), Quarantine.None);

    private void Isolate(string text) =>
        _trust.Revocations = new Revocations([], Quarantine.Read([("list.txt", System.Text.Encoding.UTF8.GetBytes(text))]));

    private static string Serial(RspCertificate certificate) => Convert.ToHexString(certificate.SerialNumber.Span).TrimStart('0');

    private static RevocationList List(RspIdentity issuer, RspCertificate revoked, RspIdentity? signer = null) =>
        Assert.Single(Revocations.Read(Build(issuer, signer ?? issuer, revoked)));

    private static byte[] Build(RspIdentity issuer, RspIdentity signer, RspCertificate revoked)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(signer.Key.ToPkcs8(), out _);
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry(revoked.SerialNumber.Span, Now.AddDays(-1), X509RevocationReason.KeyCompromise);
        return builder.Build(
            new X500DistinguishedName(issuer.Certificate.Subject.Span),
            X509SignatureGenerator.CreateForECDsa(key),
            7,
            Now.AddDays(30),
            HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(issuer.Certificate.SubjectKeyIdentifier!.Value.Span),
            Now.AddDays(-1));
    }
}

using System.Net;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Protocol.Tests.Security;

public sealed class RspCertificateTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(7496, 1, 24, 12, 30, 45, TimeSpan.Zero);
    private static readonly Eid Eid = Eid.Parse("89049032000000000000000000000042");

    [Theory]
    [InlineData(OpensslFixtures.P256Eum, EcCurve.P256)]
    [InlineData(OpensslFixtures.BrainpoolEum, EcCurve.BrainpoolP256r1)]
    public void An_EUM_certificate_of_openssl_is_read_field_by_field(string pem, EcCurve curve)
    {
        var eum = RspCertificate.FromPem(pem)[0];

        Assert.Equal(curve, eum.PublicKey.Curve);
        Assert.Equal("Fixture EUM", eum.SubjectCommonName);
        Assert.Equal("FixtureCo", eum.SubjectOrganization);
        Assert.Null(eum.SubjectSerialNumber);
        Assert.Equal([2], eum.SerialNumber.ToArray());
        Assert.Equal(KeyUsages.KeyCertSign, eum.KeyUsage);
        Assert.True(eum.IsCa);
        Assert.Equal(0, eum.PathLength);
        Assert.Equal(["2.23.146.1.2.1.2"], eum.Policies);
        Assert.Equal(["2.999.5"], eum.RegisteredIds);
        Assert.Equal([new PermittedName("FixtureCo", "89049032")], eum.PermittedNames);
        Assert.False(eum.HasUnsupportedConstraints);
        Assert.Null(eum.EidPrefixes);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 0, 16, 7, TimeSpan.Zero), eum.NotBefore);
    }

    [Theory]
    [InlineData(OpensslFixtures.P256Eum)]
    [InlineData(OpensslFixtures.P256Euicc)]
    [InlineData(OpensslFixtures.P256Ci)]
    public void The_platform_reads_the_same_names_dates_and_key(string pem)
    {
        var ours = RspCertificate.FromPem(pem)[0];
        using var theirs = X509Certificate2.CreateFromPem(pem);

        Assert.Equal(theirs.RawData, ours.Encoded.ToArray());
        Assert.Equal(theirs.SubjectName.RawData, ours.Subject.ToArray());
        Assert.Equal(theirs.IssuerName.RawData, ours.Issuer.ToArray());
        Assert.Equal(theirs.NotBefore.ToUniversalTime(), ours.NotBefore.UtcDateTime);
        Assert.Equal(theirs.NotAfter.ToUniversalTime(), ours.NotAfter.UtcDateTime);
        Assert.Equal(theirs.PublicKey.ExportSubjectPublicKeyInfo(), ours.SubjectPublicKeyInfo.ToArray());
    }

    [Fact]
    public void The_platform_reads_a_certificate_that_we_wrote()
    {
        using var pki = new TestPki(EcCurve.P256, Start, End);
        using var tls = pki.IssueEimTls(["eim.example", "localhost", "127.0.0.1", "::1"]);
        using var theirs = X509Certificate2.CreateFromPem(tls.Certificate.ToPem(), tls.Key.ToPem());

        Assert.True(theirs.HasPrivateKey);
        Assert.Equal(End.UtcDateTime, theirs.NotAfter.ToUniversalTime());
        var names = theirs.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["eim.example", "localhost"], names.EnumerateDnsNames());
        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback], names.EnumerateIPAddresses());
        Assert.Equal("1.3.6.1.5.5.7.3.1", theirs.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages[0].Value);
        using var ci = X509Certificate2.CreateFromPem(pki.Ci.Certificate.ToPem());
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = Start.UtcDateTime.AddDays(1);
        chain.ChainPolicy.CustomTrustStore.Add(ci);
        Assert.True(chain.Build(theirs), string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation)));
    }

    [Theory]
    [InlineData(EcCurve.P256)]
    [InlineData(EcCurve.BrainpoolP256r1)]
    public void An_eUICC_certificate_may_run_to_the_year_7496(EcCurve curve)
    {
        using var pki = new TestPki(curve, Start, End);
        using var euicc = pki.IssueEuicc(Eid);

        Assert.Equal(Start, euicc.Certificate.NotBefore);
        Assert.Equal(End, euicc.Certificate.NotAfter);
        Assert.Equal(Eid.ToString(), euicc.Certificate.SubjectSerialNumber);
        Assert.True(new RspTrust([pki.Ci.Certificate]).VerifyEuicc(euicc.Certificate, pki.Eum.Certificate, Eid, End).IsTrusted);
    }

    [Fact]
    public void The_last_second_of_the_year_9999_is_a_date()
    {
        var end = new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);
        using var pki = new TestPki(EcCurve.P256, new DateTimeOffset(1950, 1, 1, 0, 0, 0, TimeSpan.Zero), end);
        Assert.Equal(end, pki.Ci.Certificate.NotAfter);
        Assert.Equal(1950, pki.Ci.Certificate.NotBefore.Year);
    }

    [Fact]
    public void The_newer_extension_of_EID_prefixes_is_read()
    {
        using var pki = new TestPki(EcCurve.P256, Start, End);
        using var eum = pki.IssueEum(template => template with { EidPrefixes = ["89049032", "8904404"] });
        Assert.Equal(["89049032", "8904404"], eum.Certificate.EidPrefixes);
    }

    [Fact]
    public void An_unknown_critical_extension_is_refused()
    {
        using var pki = new TestPki(EcCurve.P256, Start, End);
        var refusal = Assert.Throws<ProtocolException>(() => pki.IssueEuicc(Eid, template => template with { UnknownCriticalExtension = "2.999.7" }));
        Assert.Equal("a certificate has the critical extension 2.999.7, which is unknown here", refusal.Message);
    }

    [Fact]
    public void Two_certificates_in_one_text_are_both_read_in_order()
    {
        var both = RspCertificate.FromPem("Some words\n" + OpensslFixtures.P256Ci + "\n" + OpensslFixtures.BrainpoolCi);
        Assert.Equal([EcCurve.P256, EcCurve.BrainpoolP256r1], both.Select(certificate => certificate.PublicKey.Curve));
    }

    [Theory]
    [InlineData(OpensslFixtures.P256Sec1, "the PEM text holds no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----", "tag 30 is missing")]
    [InlineData("-----BEGIN CERTIFICATE-----\nMAA=\n", "a PEM block is malformed or not closed")]
    public void A_text_without_a_good_certificate_is_refused(string pem, string reason) =>
        Assert.Equal(reason, Assert.Throws<ProtocolException>(() => RspCertificate.FromPem(pem)).Message);

    [Fact]
    public void More_than_eight_KiB_and_trailing_bytes_are_refused()
    {
        var good = RspCertificate.FromPem(OpensslFixtures.P256Eum)[0].Encoded.ToArray();
        Assert.Contains("more than 8192", Assert.Throws<ProtocolException>(() => RspCertificate.Parse(new byte[8193])).Message, StringComparison.Ordinal);
        Assert.Contains("unexpected bytes", Assert.Throws<ProtocolException>(() => RspCertificate.Parse((byte[])[.. good, 0])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_keys_are_parsed_but_not_handed_out()
    {
        var p384 = RspCertificate.FromPem(OpensslFixtures.P384Certificate)[0];
        var rsa = RspCertificate.FromPem(OpensslFixtures.RsaCertificate)[0];
        Assert.False(p384.HasRspKey);
        Assert.Equal("1.3.132.0.34", p384.PublicKeyKind);
        Assert.Equal("1.2.840.113549.1.1.1", rsa.PublicKeyKind);
        Assert.Throws<ProtocolException>(() => rsa.PublicKey);
    }

    [Fact]
    public void Random_bytes_give_ProtocolException_only() =>
        Gen.Byte.Array[0, 600].Sample(bytes => Assert.Throws<ProtocolException>(() => RspCertificate.Parse(bytes)), iter: 2000);

    [Fact]
    public void A_certificate_damaged_anywhere_is_refused_or_no_longer_signed_by_its_issuer()
    {
        var ci = RspCertificate.FromPem(OpensslFixtures.P256Ci)[0];
        var good = RspCertificate.FromPem(OpensslFixtures.P256Eum)[0].Encoded.ToArray();
        var tbsStart = 4;
        Gen.Select(Gen.Int[tbsStart, good.Length - 1], Gen.Int[1, 255]).Sample(
            (at, flip) =>
            {
                var damaged = good.ToArray();
                damaged[at] ^= (byte)flip;
                try
                {
                    Assert.False(RspCertificate.Parse(damaged).IsSignedBy(ci.PublicKey));
                }
                catch (ProtocolException)
                {
                    // Refused, which is as good.
                }
            },
            iter: 3000);
    }

    [Fact]
    public void A_certificate_cut_short_anywhere_is_refused()
    {
        var good = RspCertificate.FromPem(OpensslFixtures.P256Eum)[0].Encoded;
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Throws<ProtocolException>(() => RspCertificate.Parse(good[..length]));
        }
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;

namespace OpenEim.Fuzzing.Seeds;

/// <summary>Revocation lists of a CI made for them.</summary>
internal static class RevocationSeeds
{
    private static readonly DateTimeOffset Issued = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An empty one, one with each kind of entry, and one without a next list's date and without extensions.</summary>
    public static IEnumerable<byte[]> Lists()
    {
        using var pki = SeedSamples.Pki(EcCurve.P256);
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(pki.Ci.Key.ToPkcs8(), out _);
        var list = new CertificateRevocationListBuilder();
        yield return Build(list, pki, key);
        list.AddEntry(pki.Eum.Certificate.SerialNumber.Span, Issued);
        list.AddEntry([0x01, 0x02, 0x03], Issued, X509RevocationReason.KeyCompromise);
        list.AddEntry([0x7F], Issued.AddYears(40), X509RevocationReason.CertificateHold);
        yield return Build(list, pki, key);
        yield return Bare(pki.Ci.Certificate);
    }

    private static byte[] Bare(RspCertificate ci) => BerWriting.Encode(writer =>
    {
        byte[] algorithm = [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];
        using (writer.Constructed(0x30))
        {
            using (writer.Constructed(0x30))
            {
                writer.Raw(algorithm);
                writer.Raw(ci.Subject.Span);
                writer.WriteUtcTime(Issued);
            }

            writer.Raw(algorithm);
            writer.WriteBitString(new byte[8]);
        }
    });

    private static byte[] Build(CertificateRevocationListBuilder list, TestPki pki, ECDsa key) => list.Build(
        new X500DistinguishedName(pki.Ci.Certificate.Subject.Span),
        X509SignatureGenerator.CreateForECDsa(key),
        7,
        Issued.AddDays(30),
        HashAlgorithmName.SHA256,
        X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(pki.Ci.Certificate.SubjectKeyIdentifier!.Value.Span),
        Issued);
}

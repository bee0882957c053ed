using System.Text;
using OpenEim.Fuzzing.Targets.Devices;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Protocol.Security;

namespace OpenEim.Fuzzing.Targets.Decoders;

/// <summary>Certificates, keys and profile packages.</summary>
internal static class SecurityTargets
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    public static IEnumerable<FuzzTarget> All() =>
    [
        new DecoderTarget<RspCertificate>("RspCertificate", InputKind.Ber, "a certificate in DER", input => RspCertificate.Parse(input), certificate => certificate.Encoded.ToArray(), Judge),
        new DecoderTarget<IReadOnlyList<RspCertificate>>("CertificatesPem", InputKind.Pem, "certificates in PEM", input => RspCertificate.FromPem(Encoding.UTF8.GetString(input)), WritePem),
        new DecoderTarget<RevocationList>("RevocationList", InputKind.Ber, "a revocation list in DER", input => RevocationList.Parse(input), null, Revoke),
        new DecoderTarget<IReadOnlyList<RevocationList>>("RevocationListFile", InputKind.Pem, "a file with revocation lists", input => Revocations.Read(input), null),
        new DecoderTarget<Quarantine>("QuarantineText", InputKind.Text, "a quarantine as text", ReadQuarantine, null, Judge),
        new DecoderTarget<Quarantine>("QuarantineFile", InputKind.Pem, "a quarantine as certificates", ReadQuarantine, null, Judge),
        new DecoderTarget<EcPrivateKey>("PrivateKeyPem", InputKind.Pem, "a private key in PEM", input => EcPrivateKey.FromPem(Encoding.UTF8.GetString(input)), key => Encoding.UTF8.GetBytes(key.ToPem()), Try),
        new DecoderTarget<EcPrivateKey>("PrivateKeyPkcs8", InputKind.Ber, "a private key in PKCS#8", input => EcPrivateKey.FromPkcs8(input), key => key.ToPkcs8(), Try),
        new DecoderTarget<EcPrivateKey>("PrivateKeySec1", InputKind.Ber, "a private key in SEC1", input => EcPrivateKey.FromSec1(input), null, Try),
        new DecoderTarget<EcPublicKey>("PublicKey", InputKind.Ber, "a public key in SubjectPublicKeyInfo", input => EcPublicKey.FromSubjectPublicKeyInfo(input), key => key.ToSubjectPublicKeyInfo()),
        new DecoderTarget<ProfileTemplate>("ProfileTemplate", InputKind.Ber, "a profile package", input => ProfileTemplate.Parse(input), null, Personalise),
    ];

    /// <summary>Walks a chain with a certificate of a stranger in every place.</summary>
    private static void Judge(RspCertificate certificate)
    {
        var trust = new RspTrust([certificate]);
        _ = trust.VerifyEum(certificate, Now);
        _ = trust.VerifyEuicc(certificate, certificate, null, Now);
        foreach (var role in (RspRole[])[RspRole.DpTls, RspRole.DpAuth, RspRole.DpPb])
        {
            _ = trust.VerifyServer(certificate, role, null, Now);
        }
    }

    /// <summary>Applies a list to a chain whose CI it may or may not name.</summary>
    private static void Revoke(RevocationList list)
    {
        var ci = CardLab.Ci;
        if (list.IsSignedBy(ci.PublicKey))
        {
            throw new FindingException("a revocation list verifies with the key of a CI that did not sign it");
        }

        _ = list.Holds(ci.SerialNumber.Span);
        var revocations = new Revocations([("list", list)], Quarantine.None);
        _ = revocations.ExpiredAt(Now);
        _ = revocations.RefusedBy([ci]);
        if (!new RspTrust([ci]) { Revocations = revocations }.VerifyEum(CardLab.Eum, Now).IsTrusted)
        {
            throw new FindingException("a revocation list that the CI did not sign revokes an EUM");
        }
    }

    private static Quarantine ReadQuarantine(byte[] input) => Quarantine.Read([("file", input)]);

    private static void Judge(Quarantine quarantine)
    {
        var trust = new RspTrust([CardLab.Ci]) { Revocations = new Revocations([], quarantine) };
        _ = trust.VerifyEum(CardLab.Eum, Now);
        _ = quarantine.Holds(CardLab.Eid, CardLab.Ci.SubjectPublicKeyInfo.Span);
    }

    private static byte[] WritePem(IReadOnlyList<RspCertificate> certificates) =>
        Encoding.UTF8.GetBytes(string.Concat(certificates.Select(certificate => certificate.ToPem())));

    private static void Try(EcPrivateKey key)
    {
        using (key)
        {
            byte[] data = [1, 2, 3];
            if (!key.PublicKey.Verify(data, key.Sign(data)))
            {
                throw new FindingException("a key that was read does not verify its own signature");
            }
        }
    }

    /// <summary>Reads the subscriber of a package and writes it into the package again, where it already is.</summary>
    private static void Personalise(ProfileTemplate template)
    {
        using (template)
        {
            using var subscriber = template.ReadSubscriber();
            using var again = ProfileTemplate.Parse(template.Personalise(subscriber));
            using var written = again.ReadSubscriber();
            if (written.Iccid != subscriber.Iccid || written.Imsi.ToString() != subscriber.Imsi.ToString() || !written.Key.SequenceEqual(subscriber.Key))
            {
                throw new FindingException("a package personalised with its own subscriber holds another one");
            }
        }
    }
}

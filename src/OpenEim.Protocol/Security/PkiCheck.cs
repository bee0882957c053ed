using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Security;

/// <summary>Whether the certificates of a PKI directory fit together; what it throws names the file and the reason.</summary>
internal sealed class PkiCheck(IReadOnlyList<RspCertificate> roots, DateTimeOffset now)
{
    private readonly RspTrust _trust = new(roots);
    private string? _dpOid;

    /// <summary>Checks that every certificate of ci.pem can be a root.</summary>
    public static void Roots(IReadOnlyList<RspCertificate> roots, DateTimeOffset now)
    {
        for (var i = 0; i < roots.Count; i++)
        {
            var root = roots[i];
            var name = roots.Count == 1 ? "CI" : $"CI (number {i + 1})";
            ThrowIf("ci.pem", root.HasRspKey ? null : ChainSteps.WrongCurve(root, name));
            ThrowIf("ci.pem", ChainSteps.Issuer(root, name, issuersBelow: 0));
            ThrowIf("ci.pem", ChainSteps.Valid(root, name, now));
            if (root.SubjectKeyIdentifier is null)
            {
                throw new ProtocolException($"ci.pem is refused: the {name} certificate has no subject key identifier, by which chains name it");
            }
        }
    }

    /// <summary>Checks one certificate for its part.</summary>
    public void Fits(PkiLoader.Pair pair, RspCertificate certificate, RspCertificate? eum)
    {
        var file = pair.CertificateFile;
        switch (pair.Part)
        {
            case PkiParts.Eum:
                Chain(file, _trust.VerifyEum(certificate, now));
                break;
            case PkiParts.Euicc:
                FitsEuicc(file, certificate, eum);
                break;
            case PkiParts.Eim:
                FitsEim(file, "eIM", certificate);
                if (string.IsNullOrEmpty(certificate.SubjectCommonName))
                {
                    throw new ProtocolException($"{file} is refused: it has no common name, which is the eimId");
                }

                break;
            case PkiParts.EimTls:
                FitsTls(file, certificate);
                break;
            case PkiParts.DpAuth:
                Chain(file, _trust.VerifyServer(certificate, RspRole.DpAuth, null, now));
                _dpOid = certificate.RegisteredIds[0];
                break;
            case PkiParts.DpPb:
                Chain(file, _trust.VerifyServer(certificate, RspRole.DpPb, _dpOid, now));
                break;
            case PkiParts.DpTls:
                Chain(file, _trust.VerifyServer(certificate, RspRole.DpTls, null, now));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(pair));
        }
    }

    private void FitsEuicc(string file, RspCertificate certificate, RspCertificate? eum)
    {
        if (eum is null)
        {
            throw new ProtocolException($"{file} is there but eum.pem, its manufacturer's certificate, is missing");
        }

        if (!Eid.TryParse(certificate.SubjectSerialNumber, out _))
        {
            throw new ProtocolException($"{file} is refused: its subject's serial number is not an EID of 32 decimal digits");
        }

        Chain(file, _trust.VerifyEuicc(certificate, eum, null, now));
    }

    private void FitsTls(string file, RspCertificate certificate)
    {
        if (certificate.HasRspKey && certificate.PublicKey.Curve != EcCurve.P256)
        {
            throw new ProtocolException($"{file} is refused: its key is on {certificate.PublicKey.Curve}, which TLS libraries do not share; it must be on P-256");
        }

        FitsEim(file, "eIM TLS", certificate);
        if (certificate.DnsNames.Count == 0 && certificate.IpAddresses.Count == 0)
        {
            throw new ProtocolException($"{file} is refused: it names no host in subjectAltName, so no TLS client can accept it");
        }

        if (certificate.ExtendedKeyUsages.Count > 0 && !certificate.ExtendedKeyUsages.Contains(Oids.ServerAuth))
        {
            throw new ProtocolException($"{file} is refused: its extended key usage is not for TLS servers");
        }
    }

    /// <summary>The eIM's certificates are signed by themselves or by a CI of ci.pem.</summary>
    private void FitsEim(string file, string name, RspCertificate certificate)
    {
        ThrowIf(file, certificate.HasRspKey ? null : ChainSteps.WrongCurve(certificate, name));
        ThrowIf(file, ChainSteps.Valid(certificate, name, now));
        ThrowIf(file, certificate.KeyUsage is { } usage && !usage.HasFlag(KeyUsages.DigitalSignature)
            ? new ChainResult(ChainError.WrongKeyUsage, $"the {name} certificate's key may not be used for {KeyUsages.DigitalSignature}")
            : null);

        var signer = certificate.IsSelfIssued
            ? certificate.PublicKey
            : roots.FirstOrDefault(root => root.Subject.Span.SequenceEqual(certificate.Issuer.Span) && certificate.IsSignedBy(root.PublicKey))?.PublicKey;
        if (signer is null || !certificate.IsSignedBy(signer))
        {
            throw new ProtocolException(certificate.IsSelfIssued
                ? $"{file} is refused: its signature is not its own, though it names itself as its issuer"
                : $"{file} does not lead to ci.pem: none of its roots issued it, and it is not self-signed");
        }
    }

    private static void Chain(string file, ChainResult result)
    {
        if (!result.IsTrusted)
        {
            throw new ProtocolException(result.Error is ChainError.Expired or ChainError.NotYetValid
                ? $"{file} is refused: {result.Reason}"
                : $"{file} does not lead to ci.pem: {result.Reason}");
        }
    }

    private static void ThrowIf(string file, ChainResult? failure)
    {
        if (failure is not null)
        {
            throw new ProtocolException($"{file} is refused: {failure.Reason}");
        }
    }
}

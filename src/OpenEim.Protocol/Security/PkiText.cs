namespace OpenEim.Protocol.Security;

/// <summary>Reads the files of a PKI directory; what it throws names the file.</summary>
internal static class PkiText
{
    public static IReadOnlyList<RspCertificate> Certificates(string file, string pem)
    {
        try
        {
            return RspCertificate.FromPem(pem);
        }
        catch (ProtocolException e)
        {
            throw new ProtocolException($"{file} is refused: {e.Message}", e);
        }
    }

    public static EcPrivateKey Key(string file, string pem)
    {
        try
        {
            return EcPrivateKey.FromPem(pem);
        }
        catch (ProtocolException e)
        {
            throw new ProtocolException($"{file} is refused: {e.Message}", e);
        }
    }

    public static RspIdentity Identity(PkiLoader.Pair pair, RspCertificate certificate, string keyPem)
    {
        if (!certificate.HasRspKey)
        {
            throw new ProtocolException(
                $"{pair.CertificateFile} is refused: its key is neither on P-256 nor on brainpoolP256r1 but of {certificate.PublicKeyKind}");
        }

        var key = Key(pair.KeyFile, keyPem);
        try
        {
            return new RspIdentity(certificate, key);
        }
        catch (ProtocolException e)
        {
            key.Dispose();
            throw new ProtocolException($"{pair.KeyFile} does not belong to the certificate of {pair.CertificateFile}", e);
        }
    }
}

namespace OpenEim.Protocol.Security;

/// <summary>A certificate and its private key. Disposing wipes the key.</summary>
public sealed class RspIdentity : IDisposable
{
    /// <summary>Puts the two together.</summary>
    /// <exception cref="ProtocolException">The key is not the certificate's.</exception>
    public RspIdentity(RspCertificate certificate, EcPrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(key);
        if (!certificate.HasRspKey || !certificate.PublicKey.Equals(key.PublicKey))
        {
            throw new ProtocolException("the private key does not belong to the certificate");
        }

        Certificate = certificate;
        Key = key;
    }

    /// <summary>The certificate.</summary>
    public RspCertificate Certificate { get; }

    /// <summary>The key.</summary>
    public EcPrivateKey Key { get; }

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();
}

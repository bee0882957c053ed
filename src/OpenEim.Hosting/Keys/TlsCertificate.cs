using System.Security.Cryptography.X509Certificates;
using OpenEim.Protocol.Security;

namespace OpenEim.Hosting.Keys;

/// <summary>An identity of RSP as the platform's TLS takes it.</summary>
public static class TlsCertificate
{
    /// <summary>Certificate and key in one.</summary>
    public static X509Certificate2 Of(RspIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return X509Certificate2.CreateFromPem(identity.Certificate.ToPem(), identity.Key.ToPem());
    }
}

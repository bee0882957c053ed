using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Protocol;
using OpenEim.Protocol.Security;

namespace OpenEim.Device.Ipa;

/// <summary>Whether a TLS server is an SM-DP+ to believe: its DPtls certificate names the host and leads to a trusted CI (SGP.22 4.5.2.1.0, 6.1).</summary>
public static class SmdpTls
{
    /// <summary>Checks the certificate that a server presents.</summary>
    /// <param name="trust">The CIs.</param>
    /// <param name="presented">The server's certificate.</param>
    /// <param name="nameFits">Whether the certificate names the host.</param>
    /// <param name="now">For the validity.</param>
    public static bool Accepts(RspTrust trust, X509Certificate2 presented, bool nameFits, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(trust);
        ArgumentNullException.ThrowIfNull(presented);
        try
        {
            return nameFits && trust.VerifyServer(RspCertificate.Parse(presented.RawDataMemory), RspRole.DpTls, null, now).IsTrusted;
        }
        catch (ProtocolException)
        {
            // A certificate that cannot be read was issued by nobody who is trusted.
            return false;
        }
    }

    internal static RemoteCertificateValidationCallback Callback(RspTrust trust, TimeProvider time) =>
        (_, presented, _, errors) => presented is X509Certificate2 certificate
            && Accepts(trust, certificate, !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch), time.GetUtcNow());
}

using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Protocol;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>Whether a TLS server is the eIM that the card trusts (trustedPublicKeyDataTls of its EimConfigurationData). Nothing else is accepted.</summary>
public static class EimPin
{
    /// <summary>Checks the certificate that a server presents.</summary>
    /// <param name="trusted">A pinned public key, or a certificate: that of the server, or of the CA that issued it.</param>
    /// <param name="presented">The server's certificate.</param>
    /// <param name="nameFits">Whether the certificate names the host; it matters only under a CA, which issues for others too.</param>
    /// <param name="now">For the validity of what a CA issued. A pinned key or certificate is trusted as long as the card says so.</param>
    public static bool Accepts(EimKeyData? trusted, X509Certificate2 presented, bool nameFits, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(presented);
        if (trusted?.PublicKey is { } key)
        {
            return presented.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.Span);
        }

        return trusted?.Certificate is { } certificate
            && (presented.RawDataMemory.Span.SequenceEqual(certificate.Span) || (nameFits && IsIssuedBy(certificate, presented, now)));
    }

    internal static RemoteCertificateValidationCallback Callback(EimKeyData? trusted, TimeProvider time) =>
        (_, presented, _, errors) => presented is X509Certificate2 certificate
            && Accepts(trusted, certificate, !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch), time.GetUtcNow());

    private static bool IsIssuedBy(ReadOnlyMemory<byte> pinned, X509Certificate2 presented, DateTimeOffset now)
    {
        try
        {
            var issuer = RspCertificate.Parse(pinned);
            var server = RspCertificate.Parse(presented.RawDataMemory);
            return issuer.IsCa
                && issuer.HasRspKey
                && server.Issuer.Span.SequenceEqual(issuer.Subject.Span)
                && issuer.NotBefore <= now && now <= issuer.NotAfter
                && server.NotBefore <= now && now <= server.NotAfter
                && server.IsSignedBy(issuer.PublicKey);
        }
        catch (ProtocolException)
        {
            // A certificate that cannot be read was issued by nobody whom the card trusts.
            return false;
        }
    }
}

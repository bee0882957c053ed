using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OpenEim.Hosting.Settings;

namespace OpenEim.Hosting.Listeners;

/// <summary>Which TLS certificates are believed: ordinary chains to the configured roots, over what the peer sends, and to no others.</summary>
public sealed class TlsTrust(X509Certificate2Collection roots, TimeProvider time)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Reads the roots.</summary>
    /// <param name="setting">The setting that names the files.</param>
    /// <param name="files">PEM files, each with one root or more.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="SetupException">A file cannot be read or holds no certificate.</exception>
    public static TlsTrust Open(string setting, IEnumerable<string> files, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(files);
        var roots = new X509Certificate2Collection();
        foreach (var file in files)
        {
            var before = roots.Count;
            try
            {
                roots.ImportFromPemFile(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                throw new SetupException($"{file} of {setting} cannot be read: {e.Message}", e);
            }

            if (roots.Count == before)
            {
                throw new SetupException($"{file} of {setting} holds no certificate.");
            }
        }

        return new TlsTrust(roots, time);
    }

    /// <summary>Connections without a client certificate that leads to a root end in the handshake.</summary>
    public void Require(HttpsConnectionAdapterOptions https) => Require(https, (certificate, sent) => IsTrusted(certificate, sent, ClientAuthentication));

    /// <summary>Connections without a client certificate that is believed end in the handshake.</summary>
    /// <param name="https">The listener.</param>
    /// <param name="isTrusted">Decides over the certificate and the chain that came with it.</param>
    public static void Require(HttpsConnectionAdapterOptions https, Func<X509Certificate2, X509Chain?, bool> isTrusted)
    {
        ArgumentNullException.ThrowIfNull(https);
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (certificate, sent, _) => isTrusted(certificate, sent);
        https.OnAuthenticate = (_, tls) => tls.CertificateChainPolicy = NoDownloads();
    }

    /// <summary>The callback decides; the platform's own chain check must not go looking where a stranger's certificate points it.</summary>
    public static X509ChainPolicy NoDownloads() => new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };

    /// <summary>Whether a server is believed; its name is the caller's to check.</summary>
    public bool IsTrustedServer(X509Certificate2 certificate, X509Chain? sent) => IsTrusted(certificate, sent, ServerAuthentication);

    private bool IsTrusted(X509Certificate2 certificate, X509Chain? sent, string usage)
    {
        using var chain = new X509Chain { ChainPolicy = NoDownloads() };
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }
}

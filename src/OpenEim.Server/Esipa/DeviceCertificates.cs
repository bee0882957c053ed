using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OpenEim.Hosting.Settings;

namespace OpenEim.Server.Esipa;

/// <summary>Asks devices for a TLS client certificate where the operator gave roots for them.</summary>
internal sealed class DeviceCertificates(X509Certificate2Collection roots, TimeProvider time)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>Reads the roots; null when devices need no certificate.</summary>
    /// <exception cref="SetupException">The file cannot be read or holds no certificate.</exception>
    public static DeviceCertificates? Open(string? file, TimeProvider time)
    {
        if (file is null)
        {
            return null;
        }

        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new SetupException($"{file} of EsipaClientRoots cannot be read: {e.Message}", e);
        }

        return roots.Count > 0 ? new DeviceCertificates(roots, time) : throw new SetupException($"{file} of EsipaClientRoots holds no certificate.");
    }

    /// <summary>Connections without a certificate that leads to a root end in the handshake.</summary>
    public void Configure(HttpsConnectionAdapterOptions https)
    {
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (certificate, sent, _) => IsTrusted(certificate, sent);

        // The platform's own chain check must not go looking where a stranger's certificate points it.
        https.OnAuthenticate = (_, tls) => tls.CertificateChainPolicy =
            new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
    }

    private bool IsTrusted(X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }
}

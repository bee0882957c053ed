using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Settings;

namespace OpenEim.Smdp;

/// <summary>Which TLS certificates of operators are believed: ordinary chains to the configured roots, and to no others.</summary>
internal sealed class ClientTrust(X509Certificate2Collection roots, TimeProvider time)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Reads the roots.</summary>
    /// <exception cref="SetupException">A file cannot be read or holds no certificate.</exception>
    public static ClientTrust Open(IReadOnlyList<string> files, TimeProvider time)
    {
        var roots = new X509Certificate2Collection();
        foreach (var file in files)
        {
            try
            {
                var before = roots.Count;
                roots.ImportFromPemFile(file);
                if (roots.Count == before)
                {
                    throw new SetupException($"{file} of Es2PlusTrust holds no certificate.");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                throw new SetupException($"{file} of Es2PlusTrust cannot be read: {e.Message}", e);
            }
        }

        return new ClientTrust(roots, time);
    }

    /// <summary>Whether an operator's client may connect.</summary>
    public bool IsTrusted(X509Certificate2 certificate) => IsTrusted(certificate, ClientAuthentication);

    /// <summary>Whether an operator's server is believed; its name is the caller's to check.</summary>
    public bool IsTrustedServer(X509Certificate2 certificate) => IsTrusted(certificate, ServerAuthentication);

    private bool IsTrusted(X509Certificate2 certificate, string usage)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        return chain.Build(certificate);
    }
}

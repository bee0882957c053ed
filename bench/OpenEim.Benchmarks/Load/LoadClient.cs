using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OpenEim.Benchmarks.Load;

/// <summary>Makes HTTP clients that keep as many connections as there are senders.</summary>
internal static class LoadClient
{
    /// <exception cref="LoadException">The file with the roots cannot be read.</exception>
    public static HttpClient Create(Uri url, LoadOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = options.Connections,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            SslOptions = Tls(options),
        };
        return new HttpClient(handler) { BaseAddress = url, Timeout = options.Timeout };
    }

    private static SslClientAuthenticationOptions Tls(LoadOptions options)
    {
        var tls = new SslClientAuthenticationOptions();
        if (options.IsInsecure)
        {
#pragma warning disable CA5359 // Asked for by name.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (options.Roots is { } file)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            try
            {
                tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(file);
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new LoadException($"--ca {file} cannot be read: {e.Message}", e);
            }
        }

        return tls;
    }
}

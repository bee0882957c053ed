using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>Connection pools to eIMs and SM-DP+s, one for each address and whom it is trusted to be. A fleet may share one object, so that its devices share connections.</summary>
public sealed class EimConnections(TimeProvider time) : IDisposable
{
    private readonly Dictionary<(Uri Address, string Trust), SocketsHttpHandler> _handlers = [];
    private readonly Lock _gate = new();

    /// <summary>The pool for an eIM. It belongs to this object: do not dispose it.</summary>
    public HttpMessageHandler Open(Uri address, EimKeyData? trusted)
    {
        ArgumentNullException.ThrowIfNull(address);
        var pin = trusted?.PublicKey ?? trusted?.Certificate ?? default;
        return Open((address, $"eIM {Convert.ToHexString(SHA256.HashData(pin.Span))}"), EimPin.Callback(trusted, time));
    }

    /// <summary>The pool for an SM-DP+. It belongs to this object: do not dispose it.</summary>
    /// <param name="address">The SM-DP+.</param>
    /// <param name="trust">The CIs that its certificate must lead to.</param>
    public HttpMessageHandler OpenSmdp(Uri address, RspTrust trust)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(trust);
        var roots = trust.Roots.SelectMany(root => root.Encoded.ToArray()).ToArray();
        return Open((address, $"SM-DP+ {Convert.ToHexString(SHA256.HashData(roots))}"), SmdpTls.Callback(trust, time));
    }

    /// <summary>Closes all connections.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var handler in _handlers.Values)
            {
                handler.Dispose();
            }

            _handlers.Clear();
        }
    }

    private SocketsHttpHandler Open((Uri Address, string Trust) key, RemoteCertificateValidationCallback accepts)
    {
        lock (_gate)
        {
            if (!_handlers.TryGetValue(key, out var handler))
            {
                _handlers[key] = handler = Create(accepts);
            }

            return handler;
        }
    }

    private static SocketsHttpHandler Create(RemoteCertificateValidationCallback accepts) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,

            // The callback decides; the platform's own chain check must not go looking for certificates on the Internet first.
            CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
            RemoteCertificateValidationCallback = accepts,
        },
    };
}

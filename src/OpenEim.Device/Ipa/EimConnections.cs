using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>Connection pools to eIMs, one for each address and pinned key. A fleet may share one object, so that its devices share connections.</summary>
public sealed class EimConnections(TimeProvider time) : IDisposable
{
    private readonly Dictionary<(Uri Address, string Pin), SocketsHttpHandler> _handlers = [];
    private readonly Lock _gate = new();

    /// <summary>The pool for an eIM. It belongs to this object: do not dispose it.</summary>
    public HttpMessageHandler Open(Uri address, EimKeyData? trusted)
    {
        ArgumentNullException.ThrowIfNull(address);
        var pin = trusted?.PublicKey ?? trusted?.Certificate ?? default;
        var key = (address, Convert.ToHexString(SHA256.HashData(pin.Span)));
        lock (_gate)
        {
            if (!_handlers.TryGetValue(key, out var handler))
            {
                _handlers[key] = handler = Create(trusted);
            }

            return handler;
        }
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

    private SocketsHttpHandler Create(EimKeyData? trusted) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,

            // The pin decides; the platform's own chain check must not go looking for certificates on the Internet first.
            CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
            RemoteCertificateValidationCallback = EimPin.Callback(trusted, time),
        },
    };
}

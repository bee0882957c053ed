using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Manager.Smdps;

/// <summary>How SM-DP+s are reached.</summary>
public sealed record RspHttpOptions
{
    /// <summary>How long one function may take in all. An IPA waits five seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3.5);

    /// <summary>The longest answer that is read.</summary>
    public int MaxResponseBytes { get; init; } = 1024 * 1024;

    /// <summary>Roots that are trusted for TLS beside the CIs: for SM-DP+s with an ordinary web certificate.</summary>
    public IReadOnlyList<X509Certificate2> TlsRoots { get; init; } = [];

    /// <summary>Whether SM-DP+s on the loopback are spoken to in plain HTTP.</summary>
    public bool PlainHttpOnLoopback { get; init; }

    /// <summary>Shown to servers that ask for a client certificate (ES2+).</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Which servers may be called.</summary>
    public SmdpReach Reach { get; init; } = SmdpReach.Public;
}

/// <summary>HTTP towards SM-DP+s: TLS is verified by the rules of RSP (SGP.22 4.5.2), up to the trusted CIs.</summary>
public sealed partial class RspHttp : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly RspTrust _trust;
    private readonly RspHttpOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpClient _client;

    /// <summary>Makes the one client, with its pool of connections.</summary>
    public RspHttp(RspTrust trust, RspHttpOptions options, TimeProvider time, ILogger<RspHttp> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_trust, _options, _time, _logger) = (trust, options, time, logger);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = options.Timeout,
            ConnectCallback = options.Reach.ConnectAsync,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                AllowTlsResume = false, // SGP.33-3 4.2.15: no key of an earlier session is used again

                // The callback decides; the platform's own chain check must not go looking where a stranger's certificate points it.
                CertificateChainPolicy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck },
                RemoteCertificateValidationCallback = IsTrusted,
                LocalCertificateSelectionCallback = options.ClientCertificate is { } own ? (_, _, _, _, _) => own : null,
            },
        };
        _client = new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = options.MaxResponseBytes,
        };
    }

    /// <summary>The URL of an SM-DP+'s function.</summary>
    public Uri UrlOf(SmdpAddress address, string path)
    {
        var https = new Uri($"https://{address}{path}");
        return _options.PlainHttpOnLoopback && https.IsLoopback ? new Uri($"http://{address}{path}") : https;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Posts a JSON body.</summary>
    /// <returns>The answer's body, empty for 204; or why there is none.</returns>
    public async Task<(byte[]? Body, SmdpTrouble Trouble)> PostAsync(Uri url, byte[] json, Action<HttpRequestMessage> describe, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(describe);
        using var timeout = new CancellationTokenSource(_options.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(json) };
        request.Content.Headers.ContentType = new("application/json");
        describe(request);
        try
        {
            using var response = await _client.SendAsync(request, both.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                LogStatus(url.Authority, url.AbsolutePath, (int)response.StatusCode);
                return (null, SmdpTrouble.Unreachable);
            }

            return (await response.Content.ReadAsByteArrayAsync(both.Token).ConfigureAwait(false), default);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            LogTimedOut(url.Authority, url.AbsolutePath);
            return (null, SmdpTrouble.TimedOut);
        }
        catch (HttpRequestException e) when (e.InnerException is SmdpOutOfReachException)
        {
            LogOutOfReach(url.Authority, url.AbsolutePath, e.InnerException!.Message);
            return (null, SmdpTrouble.OutOfReach);
        }
        catch (HttpRequestException e)
        {
            LogUnreachable(url.Authority, url.AbsolutePath, e.Message);
            return (null, e.HttpRequestError switch
            {
                HttpRequestError.SecureConnectionError => SmdpTrouble.NotTrusted,
                HttpRequestError.ConfigurationLimitExceeded => SmdpTrouble.Malformed,
                _ => SmdpTrouble.Unreachable,
            });
        }
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors)
    {
        var host = (sender as SslStream)?.TargetHostName ?? "";
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            LogRefused(host, "its certificate is for another host");
            return false;
        }

        var refusal = Refusal(certificate.GetRawCertData());
        if (refusal is null || IsTrustedForWeb(certificate, sent))
        {
            return true;
        }

        LogRefused(host, refusal);
        return false;
    }

    private string? Refusal(byte[] certificate)
    {
        try
        {
            var result = _trust.VerifyServer(RspCertificate.Parse(certificate), RspRole.DpTls, null, _time.GetUtcNow());
            return result.IsTrusted ? null : result.Reason;
        }
        catch (ProtocolException e)
        {
            return e.Message;
        }
    }

    /// <summary>The chain of the web: up to the configured roots alone, over the intermediates that the server has sent, for TLS servers.</summary>
    private bool IsTrustedForWeb(X509Certificate certificate, X509Chain? sent)
    {
        if (_options.TlsRoots.Count == 0)
        {
            return false;
        }

        using var server = new X509Certificate2(certificate);
        if (!server.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(usage => usage.EnhancedKeyUsages[ServerAuthentication] is not null))
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_options.TlsRoots.ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(sent?.ChainPolicy.ExtraStore ?? []);
        chain.ChainPolicy.DisableCertificateDownloads = true; // the certificate says where from, and a stranger wrote it
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.VerificationTime = _time.GetUtcNow().UtcDateTime;
        return chain.Build(server);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "SM-DP+ {Authority}: {Path} is not called: {Reason}")]
    private partial void LogOutOfReach(string authority, string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "SM-DP+ {Authority}: {Path} answered with HTTP status {Status}")]
    private partial void LogStatus(string authority, string path, int status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "SM-DP+ {Authority}: {Path} was not answered in time")]
    private partial void LogTimedOut(string authority, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "SM-DP+ {Authority}: {Path} could not be asked: {Reason}")]
    private partial void LogUnreachable(string authority, string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "SM-DP+ {Host}: its TLS certificate is not trusted: {Reason}")]
    private partial void LogRefused(string host, string reason);
}

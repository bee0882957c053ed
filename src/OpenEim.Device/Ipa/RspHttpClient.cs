using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;

namespace OpenEim.Device.Ipa;

/// <summary>Whom an IPA speaks to, and what it says of itself there.</summary>
/// <param name="Name">For messages: eIM or SM-DP+.</param>
/// <param name="UserAgent">The header.</param>
/// <param name="AdminProtocol">X-Admin-Protocol.</param>
internal sealed record RspPeer(string Name, string UserAgent, string AdminProtocol);

/// <summary>HTTP as ESipa and ES9+ use it: POSTs with a bound on time and length, repeated with identical bytes.</summary>
internal sealed class RspHttpClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly RspPeer _peer;
    private readonly IpaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Makes a client for one server.</summary>
    /// <exception cref="EsipaException">The address may not be used.</exception>
    public RspHttpClient(HttpMessageHandler route, Uri address, RspPeer peer, IpaOptions options, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback && options.AllowPlainHttpOnLoopback))
        {
            throw new EsipaException(
                EsipaFailure.Untrusted, $"{address} is refused: an {peer.Name} is reached by https, or by http on loopback where that is allowed");
        }

        (_address, _peer, _options, _time, _logger) = (address, peer, options, time, logger);
        _http = new HttpClient(route, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", peer.UserAgent);
        _http.DefaultRequestHeaders.TryAddWithoutValidation("X-Admin-Protocol", peer.AdminProtocol);
    }

    /// <summary>Sends bytes, up to <paramref name="attempts"/> times, and returns the answer, which is empty for a 204.</summary>
    /// <exception cref="EsipaException">No attempt brought an answer.</exception>
    public async Task<ReadOnlyMemory<byte>> SendAsync(
        string path, string mediaType, ReadOnlyMemory<byte> request, int attempts, CancellationToken cancellationToken)
    {
        var endpoint = new Uri(_address, path);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await PostAsync(endpoint, mediaType, request, cancellationToken).ConfigureAwait(false);
            }
            catch (EsipaException e) when (e.IsTransient && attempt < attempts)
            {
                IpaLog.AttemptFailed(_logger, attempt, attempts, _peer.Name, e.Message);
                if (_options.RetryDelay > TimeSpan.Zero)
                {
                    await Task.Delay(_options.RetryDelay, _time, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Ends the client; the route stays.</summary>
    public void Dispose() => _http.Dispose();

    private async Task<ReadOnlyMemory<byte>> PostAsync(
        Uri endpoint, string mediaType, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var message = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ReadOnlyMemoryContent(request) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        try
        {
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            ThrowUnlessSuccess(response);
            return await ReadBoundedAsync(response.Content, either.Token).ConfigureAwait(false);
        }
        catch (NoNetworkException e)
        {
            throw new EsipaException(EsipaFailure.NoNetwork, e.Message, e) { IsTransient = true };
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException)
        {
            throw new EsipaException(EsipaFailure.Untrusted, $"the server is not the {_peer.Name} that the card trusts", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            // A connection that is reset right after it was made surfaces as a bare SocketException.
            throw new EsipaException(EsipaFailure.Unreachable, e.Message, e) { IsTransient = true };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new EsipaException(EsipaFailure.Unreachable, $"no answer within {_options.RequestTimeout.TotalSeconds:0.#} s", e) { IsTransient = true };
        }
    }

    private void ThrowUnlessSuccess(HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NoContent))
        {
            throw new EsipaException(EsipaFailure.Refused, $"the {_peer.Name} answered with HTTP status {(int)response.StatusCode}")
            {
                IsTransient = (int)response.StatusCode >= 500 || response.StatusCode == HttpStatusCode.TooManyRequests,
            };
        }
    }

    private async Task<ReadOnlyMemory<byte>> ReadBoundedAsync(HttpContent content, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength is { } announced && announced > _options.MaxResponseBytes)
        {
            throw TooLong();
        }

        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[Math.Min(content.Headers.ContentLength ?? 1024, _options.MaxResponseBytes) + 1];
            var length = 0;
            while (true)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
                length += read;
                if (read == 0)
                {
                    return buffer.AsMemory(0, length);
                }

                if (length > _options.MaxResponseBytes)
                {
                    throw TooLong();
                }

                if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, Math.Min(2 * length, _options.MaxResponseBytes + 1));
                }
            }
        }
    }

    private EsipaException TooLong() => new(EsipaFailure.Malformed, $"the {_peer.Name}'s answer is longer than {_options.MaxResponseBytes} bytes");
}

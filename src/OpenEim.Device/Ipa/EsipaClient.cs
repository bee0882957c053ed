using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;

namespace OpenEim.Device.Ipa;

/// <summary>ESipa, ASN.1 binding, from the IPA's side: one HTTP POST for each function (SGP.32 6.1).</summary>
public sealed class EsipaClient : IDisposable
{
    /// <summary>The path of the ASN.1 binding.</summary>
    public const string Path = "/gsma/rsp2/asn1";

    private const string MediaType = "application/x-gsma-rsp-asn1";

    private readonly HttpClient _http;
    private readonly Uri _endpoint;
    private readonly IpaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Makes a client for one eIM.</summary>
    /// <param name="route">How requests travel; it is not disposed with the client.</param>
    /// <param name="address">The eIM's address; http only where the options allow it.</param>
    /// <param name="options">Timeout, bounds and pauses.</param>
    /// <param name="time">The clock for timeout and pauses.</param>
    /// <param name="logger">Hears of every attempt that failed.</param>
    /// <exception cref="EsipaException">The address may not be used.</exception>
    public EsipaClient(HttpMessageHandler route, Uri address, IpaOptions options, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(options);
        if (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback && options.AllowPlainHttpOnLoopback))
        {
            throw new EsipaException(EsipaFailure.Untrusted, $"{address} is refused: an eIM is reached by https, or by http on loopback where that is allowed");
        }

        (_options, _time, _logger) = (options, time, logger);
        _endpoint = new Uri(address, Path);
        _http = new HttpClient(route, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "gsma-rsp-ipad");
        _http.DefaultRequestHeaders.TryAddWithoutValidation("X-Admin-Protocol", "gsma/rsp/v2.1.0");
    }

    /// <summary>Sends a message, up to <paramref name="attempts"/> times with identical bytes, and reads the answer.</summary>
    /// <exception cref="EsipaException">No attempt brought a well-formed answer.</exception>
    public async Task<TResponse> SendAsync<TResponse>(IBerMessage request, int attempts, CancellationToken cancellationToken)
        where TResponse : IBerMessage<TResponse>
    {
        var answer = await SendAsync(request.Encode(), attempts, cancellationToken).ConfigureAwait(false);
        try
        {
            return BerMessage.Decode<TResponse>(answer);
        }
        catch (ProtocolException e)
        {
            throw new EsipaException(EsipaFailure.Malformed, $"the eIM's answer is no {typeof(TResponse).Name}: {e.Message}", e);
        }
    }

    /// <summary>Sends bytes, up to <paramref name="attempts"/> times, and returns the answer, which is empty for a 204.</summary>
    /// <exception cref="EsipaException">No attempt brought an answer.</exception>
    public async Task<ReadOnlyMemory<byte>> SendAsync(ReadOnlyMemory<byte> request, int attempts, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await PostAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (EsipaException e) when (e.IsTransient && attempt < attempts)
            {
                IpaLog.AttemptFailed(_logger, attempt, attempts, e.Message);
                if (_options.RetryDelay > TimeSpan.Zero)
                {
                    await Task.Delay(_options.RetryDelay, _time, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Ends the client; the route stays.</summary>
    public void Dispose() => _http.Dispose();

    private async Task<ReadOnlyMemory<byte>> PostAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var message = new HttpRequestMessage(HttpMethod.Post, _endpoint) { Content = new ReadOnlyMemoryContent(request) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
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
            throw new EsipaException(EsipaFailure.Untrusted, "the server is not the eIM that the card trusts", e);
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

    private static void ThrowUnlessSuccess(HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NoContent))
        {
            throw new EsipaException(EsipaFailure.Refused, $"the eIM answered with HTTP status {(int)response.StatusCode}")
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

    private EsipaException TooLong() => new(EsipaFailure.Malformed, $"the eIM's answer is longer than {_options.MaxResponseBytes} bytes");
}

using Microsoft.Extensions.Logging;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;
using OpenEim.Protocol.Sgp32.Json;

namespace OpenEim.Device.Ipa;

/// <summary>ESipa from the IPA's side, in the ASN.1 or the JSON binding: one HTTP POST for each function (SGP.32 6.1).</summary>
/// <remarks>The IPA thinks in ASN.1 messages; the JSON binding carries the same ones.</remarks>
public sealed class EsipaClient : IDisposable
{
    /// <summary>The path of the ASN.1 binding.</summary>
    public const string Path = "/gsma/rsp2/asn1";

    private const string MediaType = "application/x-gsma-rsp-asn1";

    private readonly RspHttpClient _http;
    private readonly EsipaBinding _binding;

    /// <summary>Makes a client for one eIM.</summary>
    /// <param name="route">How requests travel; it is not disposed with the client.</param>
    /// <param name="address">The eIM's address; http only where the options allow it.</param>
    /// <param name="options">Timeout, bounds and pauses.</param>
    /// <param name="time">The clock for timeout and pauses.</param>
    /// <param name="logger">Hears of every attempt that failed.</param>
    /// <exception cref="EsipaException">The address may not be used.</exception>
    public EsipaClient(HttpMessageHandler route, Uri address, IpaOptions options, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _binding = options.Esipa;
        _http = new RspHttpClient(route, address, new RspPeer("eIM", "gsma-rsp-ipad", options.Version == Sgp32Version.V13 ? "gsma/rsp/v1.3.0" : "gsma/rsp/v2.1.0"), options, time, logger);
    }

    /// <summary>Sends a message, up to <paramref name="attempts"/> times with identical bytes, and reads the answer.</summary>
    /// <exception cref="EsipaException">No attempt brought a well-formed answer.</exception>
    public Task<TResponse> SendAsync<TResponse>(IBerMessage request, int attempts, CancellationToken cancellationToken)
        where TResponse : IBerMessage<TResponse> => SendAsync<TResponse>(request.Encode(), attempts, cancellationToken);

    /// <summary>Sends bytes, up to <paramref name="attempts"/> times, and reads the answer.</summary>
    /// <exception cref="EsipaException">No attempt brought a well-formed answer.</exception>
    public async Task<TResponse> SendAsync<TResponse>(ReadOnlyMemory<byte> request, int attempts, CancellationToken cancellationToken)
        where TResponse : IBerMessage<TResponse>
    {
        var answer = await SendAsync(request, attempts, cancellationToken).ConfigureAwait(false);
        try
        {
            return BerMessage.Decode<TResponse>(answer);
        }
        catch (ProtocolException e)
        {
            throw new EsipaException(EsipaFailure.Malformed, $"the eIM's answer is no {typeof(TResponse).Name}: {e.Message}", e);
        }
    }

    /// <summary>Sends a message, up to <paramref name="attempts"/> times, and returns the answer, which is empty for a 204.</summary>
    /// <param name="request">The TLV.</param>
    /// <param name="attempts">How often, at most.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The TLV.</returns>
    /// <exception cref="EsipaException">No attempt brought an answer.</exception>
    public Task<ReadOnlyMemory<byte>> SendAsync(ReadOnlyMemory<byte> request, int attempts, CancellationToken cancellationToken) =>
        _binding == EsipaBinding.Json
            ? SendJsonAsync(EsipaRequest.Decode(request), attempts, cancellationToken)
            : _http.SendAsync(Path, MediaType, request, attempts, cancellationToken);

    private async Task<ReadOnlyMemory<byte>> SendJsonAsync(IBerMessage request, int attempts, CancellationToken cancellationToken)
    {
        var answer = await _http.SendAsync(
            EsipaJson.PathOf(request), EsipaJson.MediaType, EsipaJson.WriteRequest(request), attempts, cancellationToken).ConfigureAwait(false);
        try
        {
            return answer.IsEmpty ? answer : EsipaJson.ReadResponse(request, answer.Span).Encode();
        }
        catch (ProtocolException e)
        {
            throw new EsipaException(EsipaFailure.Malformed, $"the eIM's answer is malformed: {e.Message}", e);
        }
    }

    /// <summary>Ends the client; the route stays.</summary>
    public void Dispose() => _http.Dispose();
}

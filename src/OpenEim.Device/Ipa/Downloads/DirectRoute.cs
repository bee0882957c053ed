using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Device.Ipa.Downloads;

/// <summary>ES9+, JSON binding, from the IPA's side (SGP.22 5.6, 6.5): a direct download.</summary>
internal sealed class DirectRoute : IDownloadRoute
{
    private const string MediaType = "application/json";

    private static readonly RspPeer Smdp = new("SM-DP+", "gsma-rsp-lpad", "gsma/rsp/v2.5.0");

    private readonly RspHttpClient _http;
    private readonly SmdpAddress _address;
    private readonly IpaOptions _options;

    /// <summary>Makes the way to one SM-DP+; nothing is sent yet.</summary>
    /// <exception cref="EsipaException">The address may not be used.</exception>
    public DirectRoute(SmdpAddress address, EimConnections connections, Modem modem, IpaOptions options, TimeProvider time, ILogger logger)
    {
        (_address, _options) = (address, options);
        var url = Url(address, options);
        _http = new RspHttpClient(
            modem.Route(connections.OpenSmdp(url, new RspTrust(options.SmdpRoots))), url, Smdp, options, time, logger);
    }

    /// <inheritdoc/>
    public async Task<ServerChallenge> InitiateAuthenticationAsync(
        ReadOnlyMemory<byte> euiccChallenge, ReadOnlyMemory<byte> euiccInfo1, CancellationToken cancellationToken)
    {
        var request = InitiateAuthenticationRequestJson.From(new InitiateAuthenticationRequest(euiccChallenge, _address.ToString(), euiccInfo1));
        var ok = await CallAsync(
            Es9PlusPaths.InitiateAuthentication,
            RspJson.Write(request, Es9PlusJsonContext.Default.InitiateAuthenticationRequestJson),
            Es9PlusJsonContext.Default.InitiateAuthenticationResponseJson,
            answer => answer.ToOk(),
            cancellationToken).ConfigureAwait(false);
        return new ServerChallenge(ok.ServerSigned1, ok.ServerSignature1, ok.CiKeyId, ok.ServerCertificate);
    }

    /// <inheritdoc/>
    public async Task<ProfileOffer> AuthenticateClientAsync(
        TransactionId transaction, ReadOnlyMemory<byte> authenticateServerResponse, CancellationToken cancellationToken)
    {
        var request = AuthenticateClientRequestJson.From(new AuthenticateClientRequest(transaction, authenticateServerResponse));
        var ok = await CallAsync(
            Es9PlusPaths.AuthenticateClient,
            RspJson.Write(request, Es9PlusJsonContext.Default.AuthenticateClientRequestJson),
            Es9PlusJsonContext.Default.AuthenticateClientResponseJson,
            answer => answer.ToOk(),
            cancellationToken).ConfigureAwait(false);
        return new ProfileOffer(ok.ProfileMetadata, ok.SmdpSigned2, ok.SmdpSignature2, ok.SmdpCertificate);
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> GetBoundProfilePackageAsync(
        TransactionId transaction, ReadOnlyMemory<byte> prepareDownloadResponse, CancellationToken cancellationToken)
    {
        var request = GetBoundProfilePackageRequestJson.From(new GetBoundProfilePackageRequest(transaction, prepareDownloadResponse));
        var ok = await CallAsync(
            Es9PlusPaths.GetBoundProfilePackage,
            RspJson.Write(request, Es9PlusJsonContext.Default.GetBoundProfilePackageRequestJson),
            Es9PlusJsonContext.Default.GetBoundProfilePackageResponseJson,
            answer => answer.ToOk(),
            cancellationToken).ConfigureAwait(false);
        return ok.BoundProfilePackage;
    }

    /// <inheritdoc/>
    public async Task CancelSessionAsync(TransactionId transaction, ReadOnlyMemory<byte> response, CancellationToken cancellationToken)
    {
        var request = new CancelSessionRequestJson(transaction.ToString(), response);
        await CallAsync(
            Es9PlusPaths.CancelSession,
            RspJson.Write(request, Es9PlusJsonContext.Default.CancelSessionRequestJson),
            Es9PlusJsonContext.Default.CancelSessionResponseJson,
            answer => answer,
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task HandleNotificationAsync(ReadOnlyMemory<byte> notification, CancellationToken cancellationToken) =>
        await SendAsync(
            Es9PlusPaths.HandleNotification,
            RspJson.Write(new HandleNotificationRequestJson(notification), Es9PlusJsonContext.Default.HandleNotificationRequestJson),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static Uri Url(SmdpAddress address, IpaOptions options)
    {
        var https = new Uri($"https://{address}");
        return options.PlainHttpToLoopbackSmdp && https.IsLoopback ? new Uri($"http://{address}") : https;
    }

    private Task<ReadOnlyMemory<byte>> SendAsync(string path, byte[] body, CancellationToken cancellationToken) =>
        _http.SendAsync(path, MediaType, body, _options.RequestAttempts, cancellationToken);

    private async Task<T> CallAsync<TJson, T>(
        string path, byte[] body, JsonTypeInfo<TJson> type, Func<TJson, T> read, CancellationToken cancellationToken)
        where TJson : class, IFunctionResponse
    {
        ReadOnlyMemory<byte> answer;
        try
        {
            answer = await SendAsync(path, body, cancellationToken).ConfigureAwait(false);
        }
        catch (EsipaException e) when (e.Failure != EsipaFailure.NoNetwork)
        {
            // The SM-DP+ is the one that fails: the eIM can be told. Without any network it cannot, and the trigger comes again.
            throw new DownloadException($"SM-DP+ {_address}: {e.Message}", e);
        }

        return Read(path, answer, type, read);
    }

    private T Read<TJson, T>(string path, ReadOnlyMemory<byte> answer, JsonTypeInfo<TJson> type, Func<TJson, T> read)
        where TJson : class, IFunctionResponse
    {
        var function = path[(path.LastIndexOf('/') + 1)..];
        try
        {
            var json = RspJson.Read(answer.Span, type);
            return json.IsSuccess()
                ? read(json)
                : throw new DownloadException($"SM-DP+ {_address} refused {function}: {json.FailureCode()}") { Response = answer };
        }
        catch (ProtocolException e)
        {
            throw new DownloadException($"SM-DP+ {_address} answered {function} with something else: {e.Message}", e)
            {
                Cancel = CancelSessionReason.UndefinedReason,
            };
        }
    }
}

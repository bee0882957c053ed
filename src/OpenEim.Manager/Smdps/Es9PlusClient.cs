using System.Text.Json.Serialization.Metadata;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Manager.Smdps;

/// <summary>What an SM-DP+ answered: the data, or its refusal, or why there is no answer.</summary>
/// <param name="Value">Null unless the function was executed.</param>
/// <param name="Refusal">Its status code, where it failed and said why.</param>
/// <param name="Trouble">Why it could not be asked.</param>
/// <param name="Message">What it says of its refusal.</param>
internal sealed record SmdpAnswer<T>(T? Value, StatusCode? Refusal = null, SmdpTrouble? Trouble = null, string? Message = null) where T : class;

/// <summary>ES9+ in the JSON binding (SGP.22 6.5), as an LPA speaks it. Signed parts are carried as they are.</summary>
public sealed class Es9PlusClient(RspHttp http, EimTelemetry? telemetry = null)
{
    private readonly EimTelemetry _telemetry = telemetry ?? EimTelemetry.Unscoped;

    internal Task<SmdpAnswer<InitiateAuthenticationOk>> InitiateAuthenticationAsync(
        SmdpAddress address, InitiateAuthenticationRequest request, CancellationToken ct)
    {
        var body = RspJson.Write(InitiateAuthenticationRequestJson.From(request), Es9PlusJsonContext.Default.InitiateAuthenticationRequestJson);
        return CallAsync(
            address, Es9PlusPaths.InitiateAuthentication, body, Es9PlusJsonContext.Default.InitiateAuthenticationResponseJson, answer => answer.ToOk(), ct);
    }

    internal Task<SmdpAnswer<AuthenticateClientOk>> AuthenticateClientAsync(
        SmdpAddress address, TransactionId id, ReadOnlyMemory<byte> authenticateServerResponse, CancellationToken ct)
    {
        var request = new AuthenticateClientRequestJson(id.ToString(), authenticateServerResponse);
        var body = RspJson.Write(request, Es9PlusJsonContext.Default.AuthenticateClientRequestJson);
        return CallAsync(
            address, Es9PlusPaths.AuthenticateClient, body, Es9PlusJsonContext.Default.AuthenticateClientResponseJson, answer => answer.ToOk(), ct);
    }

    internal Task<SmdpAnswer<GetBoundProfilePackageOk>> GetBoundProfilePackageAsync(
        SmdpAddress address, TransactionId id, ReadOnlyMemory<byte> prepareDownloadResponse, CancellationToken ct)
    {
        var request = new GetBoundProfilePackageRequestJson(id.ToString(), prepareDownloadResponse);
        var body = RspJson.Write(request, Es9PlusJsonContext.Default.GetBoundProfilePackageRequestJson);
        return CallAsync(
            address, Es9PlusPaths.GetBoundProfilePackage, body, Es9PlusJsonContext.Default.GetBoundProfilePackageResponseJson, answer => answer.ToOk(), ct);
    }

    internal Task<SmdpAnswer<CancelSessionResponseJson>> CancelSessionAsync(
        SmdpAddress address, TransactionId id, ReadOnlyMemory<byte> cancelSessionResponse, CancellationToken ct)
    {
        var request = new CancelSessionRequestJson(id.ToString(), cancelSessionResponse);
        var body = RspJson.Write(request, Es9PlusJsonContext.Default.CancelSessionRequestJson);
        return CallAsync(address, Es9PlusPaths.CancelSession, body, Es9PlusJsonContext.Default.CancelSessionResponseJson, answer => answer, ct);
    }

    /// <summary>Delivers a notification.</summary>
    /// <returns>Null when the SM-DP+ has it.</returns>
    internal async Task<SmdpTrouble?> HandleNotificationAsync(SmdpAddress address, ReadOnlyMemory<byte> notification, CancellationToken ct)
    {
        var request = new HandleNotificationRequestJson(notification);
        var body = RspJson.Write(request, Es9PlusJsonContext.Default.HandleNotificationRequestJson);
        var answer = await _telemetry.CallAsync(NameOf(Es9PlusPaths.HandleNotification), address.ToString(), async () =>
        {
            var (taken, trouble) = await http.PostAsync(http.UrlOf(address, Es9PlusPaths.HandleNotification), body, Describe, ct).ConfigureAwait(false);
            return new SmdpAnswer<byte[]>(taken, Trouble: taken is null ? trouble : null);
        }).ConfigureAwait(false);
        return answer.Trouble;
    }

    private Task<SmdpAnswer<TOk>> CallAsync<TJson, TOk>(
        SmdpAddress address, string path, byte[] body, JsonTypeInfo<TJson> type, Func<TJson, TOk> read, CancellationToken ct)
        where TJson : class, IFunctionResponse
        where TOk : class =>
        _telemetry.CallAsync(NameOf(path), address.ToString(), () => PostAsync(address, path, body, type, read, ct));

    private async Task<SmdpAnswer<TOk>> PostAsync<TJson, TOk>(
        SmdpAddress address, string path, byte[] body, JsonTypeInfo<TJson> type, Func<TJson, TOk> read, CancellationToken ct)
        where TJson : class, IFunctionResponse
        where TOk : class
    {
        var (json, trouble) = await http.PostAsync(http.UrlOf(address, path), body, Describe, ct).ConfigureAwait(false);
        if (json is null)
        {
            return new SmdpAnswer<TOk>(null, Trouble: trouble);
        }

        try
        {
            var answer = RspJson.Read(json, type);
            return answer.IsSuccess() ? new SmdpAnswer<TOk>(read(answer)) : new SmdpAnswer<TOk>(null, answer.FailureCode());
        }
        catch (ProtocolException)
        {
            return new SmdpAnswer<TOk>(null, Trouble: SmdpTrouble.Malformed);
        }
    }

    private static string NameOf(string path) => "ES9+ " + path[(path.LastIndexOf('/') + 1)..];

    private static void Describe(HttpRequestMessage request)
    {
        request.Headers.Add("X-Admin-Protocol", "gsma/rsp/v2.5.0");
        request.Headers.Add("User-Agent", "gsma-rsp-lpad");
    }
}

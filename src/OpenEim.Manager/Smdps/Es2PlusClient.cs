using System.Text.Json.Serialization.Metadata;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;

namespace OpenEim.Manager.Smdps;

/// <summary>Where profiles are ordered.</summary>
/// <param name="Url">Scheme, host and port of the SM-DP+'s ES2+.</param>
/// <param name="RequesterId">Who we are to it: functionRequesterIdentifier.</param>
/// <param name="SmdpAddress">What stands in activation codes, unless the SM-DP+ tells another.</param>
public sealed record Es2PlusOptions(Uri Url, string RequesterId, SmdpAddress SmdpAddress);

/// <summary>ES2+ in the JSON binding (SGP.22 5.3, 6.5), as the operator speaks it: over mutual TLS.</summary>
/// <param name="http">With the client certificate.</param>
/// <param name="options">Where to.</param>
/// <param name="telemetry">Where calls are counted.</param>
public sealed class Es2PlusClient(RspHttp http, Es2PlusOptions options, EimTelemetry? telemetry = null)
{
    private readonly EimTelemetry _telemetry = telemetry ?? EimTelemetry.Unscoped;

    /// <summary>What stands in activation codes.</summary>
    internal SmdpAddress SmdpAddress => options.SmdpAddress;

    /// <param name="eid">For whom.</param>
    /// <param name="iccid">Which profile.</param>
    /// <param name="profileType">Or one of which kind.</param>
    /// <param name="call">The call's name where it may be a repetition; null for a call that is made once.</param>
    /// <param name="ct">Ends the wait.</param>
    internal async Task<SmdpAnswer<string>> DownloadOrderAsync(Eid? eid, Iccid? iccid, string? profileType, string? call, CancellationToken ct)
    {
        var body = RspJson.Write(
            DownloadOrderRequestJson.From(new DownloadOrderRequest(Header(call), eid, iccid, profileType)), Es2PlusJsonContext.Default.DownloadOrderRequestJson);
        return await CallAsync(
            Es2PlusPaths.DownloadOrder, body, Es2PlusJsonContext.Default.DownloadOrderResponseJson, answer => answer.ToIccid().ToString(), ct)
            .ConfigureAwait(false);
    }

    internal Task<SmdpAnswer<ConfirmOrderOk>> ConfirmOrderAsync(Iccid iccid, Eid? eid, string? call, CancellationToken ct)
    {
        var body = RspJson.Write(
            ConfirmOrderRequestJson.From(new ConfirmOrderRequest(Header(call), iccid, ReleaseFlag: true, eid)), Es2PlusJsonContext.Default.ConfirmOrderRequestJson);
        return CallAsync(Es2PlusPaths.ConfirmOrder, body, Es2PlusJsonContext.Default.ConfirmOrderResponseJson, answer => answer.ToOk(), ct);
    }

    internal Task<SmdpAnswer<HeaderOnlyResponseJson>> CancelOrderAsync(Iccid iccid, Eid? eid, string? matchingId, CancellationToken ct)
    {
        var body = RspJson.Write(
            CancelOrderRequestJson.From(new CancelOrderRequest(Header(null), iccid, FinalProfileStatus.Available, eid, matchingId)),
            Es2PlusJsonContext.Default.CancelOrderRequestJson);
        return CallAsync(Es2PlusPaths.CancelOrder, body, Es2PlusJsonContext.Default.HeaderOnlyResponseJson, answer => answer, ct);
    }

    private FunctionRequestHeader Header(string? call) => new(options.RequesterId, call ?? Guid.CreateVersion7().ToString("N"));

    private Task<SmdpAnswer<TOk>> CallAsync<TJson, TOk>(
        string path, byte[] body, JsonTypeInfo<TJson> type, Func<TJson, TOk> read, CancellationToken ct)
        where TJson : class, IFunctionResponse
        where TOk : class =>
        _telemetry.CallAsync("ES2+ " + path[(path.LastIndexOf('/') + 1)..], options.Url.Authority, () => PostAsync(path, body, type, read, ct));

    private async Task<SmdpAnswer<TOk>> PostAsync<TJson, TOk>(
        string path, byte[] body, JsonTypeInfo<TJson> type, Func<TJson, TOk> read, CancellationToken ct)
        where TJson : class, IFunctionResponse
        where TOk : class
    {
        var (json, trouble) = await http.PostAsync(
            new Uri(options.Url, path), body, request => request.Headers.Add("X-Admin-Protocol", "gsma/rsp/v2.5.0"), ct).ConfigureAwait(false);
        if (json is null)
        {
            return new SmdpAnswer<TOk>(null, Trouble: trouble);
        }

        try
        {
            var answer = RspJson.Read(json, type);
            return answer.IsSuccess() ? new SmdpAnswer<TOk>(read(answer)) : new SmdpAnswer<TOk>(null, answer.FailureCode(), Message: answer.FailureMessage());
        }
        catch (ProtocolException)
        {
            return new SmdpAnswer<TOk>(null, Trouble: SmdpTrouble.Malformed);
        }
    }
}

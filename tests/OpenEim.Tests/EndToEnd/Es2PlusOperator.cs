using System.Globalization;
using System.Net.Http.Headers;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;

namespace OpenEim.Tests.EndToEnd;

/// <summary>A profile that was ordered.</summary>
/// <param name="Iccid">Which.</param>
/// <param name="MatchingId">Of the order.</param>
/// <param name="Address">The SM-DP+'s.</param>
internal sealed record OrderedProfile(Iccid Iccid, string MatchingId, string Address)
{
    public string ActivationCode => $"LPA:1${Address}${MatchingId}";
}

/// <summary>An operator who orders at an SM-DP+ himself, past the eIM, over its plain ES2+ of the loopback.</summary>
internal sealed class Es2PlusOperator(HttpClient http)
{
    private static readonly Es2PlusJsonContext Json = Es2PlusJsonContext.Default;

    private int _calls;

    /// <summary>Orders, confirms and releases a profile of a type, or a certain one.</summary>
    public async Task<OrderedProfile> OrderAsync(Uri smdp, string profileType, Iccid? iccid, Eid? eid, string? confirmationCode)
    {
        var order = new DownloadOrderRequest(Header(), eid, iccid, iccid is null ? profileType : null);
        var ordered = RspJson.Read(
            await PostAsync(smdp, Es2PlusPaths.DownloadOrder, RspJson.Write(DownloadOrderRequestJson.From(order), Json.DownloadOrderRequestJson)),
            Json.DownloadOrderResponseJson);
        Assert.True(ordered.IsSuccess(), $"{ordered}");
        var confirm = new ConfirmOrderRequest(Header(), ordered.ToIccid(), true, eid, null, confirmationCode);
        var confirmed = RspJson.Read(
            await PostAsync(smdp, Es2PlusPaths.ConfirmOrder, RspJson.Write(ConfirmOrderRequestJson.From(confirm), Json.ConfirmOrderRequestJson)),
            Json.ConfirmOrderResponseJson);
        Assert.True(confirmed.IsSuccess(), $"{confirmed}");
        var ok = confirmed.ToOk();
        return new OrderedProfile(ordered.ToIccid(), ok.MatchingId, ok.SmdpAddress!);
    }

    private FunctionRequestHeader Header() => new("operator", Interlocked.Increment(ref _calls).ToString(CultureInfo.InvariantCulture));

    private async Task<byte[]> PostAsync(Uri smdp, string path, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.PostAsync(new Uri(smdp, path), content, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }
}

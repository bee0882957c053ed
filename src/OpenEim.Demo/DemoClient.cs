using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace OpenEim.Demo;

/// <summary>The demo registers its devices as any client would: over the REST API.</summary>
internal sealed class DemoClient(Uri api) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = api };

    public async Task LoginAsync(string applicationToken, CancellationToken ct)
    {
        using var response = await _http.PostAsJsonAsync("/api/v1/authenticate", new { application_token = applicationToken }, ct).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var body = await response.Content.ReadFromJsonAsync<JsonObject>(ct).ConfigureAwait(false);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", body!["auth_token"]!.GetValue<string>());
    }

    /// <summary>All eUICCs, by EID.</summary>
    public async Task<Dictionary<string, JsonObject>> ListAsync(CancellationToken ct)
    {
        var found = new Dictionary<string, JsonObject>();
        for (var page = 1; ; page++)
        {
            using var response = await _http.GetAsync(new Uri($"/api/v1/euicc?per_page=1000&page={page}", UriKind.Relative), ct).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            var list = await response.Content.ReadFromJsonAsync<JsonArray>(ct).ConfigureAwait(false);
            foreach (var euicc in list!)
            {
                found[euicc!["eid"]!.GetValue<string>()] = euicc.AsObject();
            }

            if (page >= int.Parse(response.Headers.GetValues("X-Total-Pages").First(), System.Globalization.CultureInfo.InvariantCulture))
            {
                return found;
            }
        }
    }

    public async Task RegisterAsync(IEnumerable<(string Eid, int Type)> euiccs, CancellationToken ct)
    {
        foreach (var batch in euiccs.Chunk(10_000))
        {
            var body = batch.Select(euicc => new { eid = euicc.Eid, supported_profile_type = new { id = euicc.Type } });
            using var response = await _http.PostAsJsonAsync("/api/v1/euicc", body, ct).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
        }
    }

    public void Dispose() => _http.Dispose();
}

using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace OpenEim.Tests.Cluster;

/// <summary>An operator's program: it speaks REST, and what fails for want of a server it does again until it is done, under the same Idempotency-Key.</summary>
internal sealed class OperatorClient : IDisposable
{
    private const int RepeatedForNothing = 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    private readonly HttpClient _http;
    private readonly string _applicationToken;
    private int _repetitions;
    private int _lost;

    public OperatorClient(Uri api, string applicationToken)
    {
        _http = new HttpClient { BaseAddress = api, Timeout = TimeSpan.FromSeconds(20) };
        _applicationToken = applicationToken;
    }

    /// <summary>Requests that were sent again.</summary>
    public int Repetitions => _repetitions;

    /// <summary>Requests that got no answer at all: the connection was lost or refused.</summary>
    public int Lost => _lost;

    public async Task LoginAsync(CancellationToken ct)
    {
        var (_, body) = await UntilAnsweredAsync(HttpMethod.Post, "/api/v1/authenticate", new JsonObject { ["application_token"] = _applicationToken }, ct);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", body!["auth_token"]!.GetValue<string>());
    }

    /// <summary>Posts, and returns what was created, once however often it had to be sent.</summary>
    public async Task<JsonNode> PostAsync(string path, JsonNode body, CancellationToken ct)
    {
        var key = Guid.NewGuid().ToString();
        var (status, answer) = await UntilAnsweredAsync(HttpMethod.Post, path, body, ct, key);
        Assert.True(status is HttpStatusCode.Created or HttpStatusCode.OK, $"POST {path} {body.ToJsonString()}: {status} {answer?.ToJsonString()}");
        if (Random.Shared.Next(RepeatedForNothing) == 0)
        {
            // As if the first answer had been lost on its way, which by itself happens too seldom.
            var (again, repeated) = await UntilAnsweredAsync(HttpMethod.Post, path, body, ct, key);
            Assert.Equal((status, answer!.ToJsonString()), (again, repeated?.ToJsonString()));
        }

        return answer!;
    }

    public async Task<JsonNode> GetAsync(string path, CancellationToken ct)
    {
        var (status, answer) = await UntilAnsweredAsync(HttpMethod.Get, path, null, ct);
        Assert.True(status == HttpStatusCode.OK, $"GET {path}: {status} {answer?.ToJsonString()}");
        return answer!;
    }

    /// <summary>Deletes; a repetition may find it done already, which the caller has to look at.</summary>
    public async Task<HttpStatusCode> DeleteAsync(string path, CancellationToken ct) => (await UntilAnsweredAsync(HttpMethod.Delete, path, null, ct)).Status;

    /// <summary>Asks once.</summary>
    /// <returns>Null when the connection was lost or refused.</returns>
    public async Task<HttpStatusCode?> TryGetAsync(string path, CancellationToken ct)
    {
        try
        {
            using var response = await _http.GetAsync(path, ct);
            return response.StatusCode;
        }
        catch (HttpRequestException e) when (e.StatusCode is null)
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, JsonNode? Body)> UntilAnsweredAsync(HttpMethod method, string path, JsonNode? body, CancellationToken ct, string? key = null)
    {
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
                if (key is not null)
                {
                    request.Headers.Add("Idempotency-Key", key);
                }

                using var response = await _http.SendAsync(request, ct);
                var answer = await ReadAsync(response, ct);
                if (response.StatusCode < HttpStatusCode.InternalServerError && !IsStillRunning(response.StatusCode, answer))
                {
                    return (response.StatusCode, answer);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !ct.IsCancellationRequested)
            {
                Interlocked.Increment(ref _lost);
            }

            Interlocked.Increment(ref _repetitions);
            await Task.Delay(Pause, ct);
        }
    }

    private static async Task<JsonNode?> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        var isJson = response.Content.Headers.ContentType?.MediaType == "application/json";
        var text = await response.Content.ReadAsStringAsync(ct);
        return isJson && text.Length > 0 ? JsonNode.Parse(text) : null;
    }

    // The attempt before died with its server; its claim on the key ends by itself.
    private static bool IsStillRunning(HttpStatusCode status, JsonNode? answer) => status == HttpStatusCode.Conflict
        && answer?["message"]?.GetValue<string>().Contains("still running", StringComparison.Ordinal) == true;
}

using System.Net;
using System.Text.Json;

namespace OpenEim.Fuzzing.Targets.Listeners;

/// <summary>What every answer of a listener must be: no 5xx, in time, not long, and JSON where it says so.</summary>
internal static class HttpAnswers
{
    /// <summary>The longest that a listener may take. Generous, since fuzzing shares the machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private const int LongestAnswer = 8 * 1024 * 1024;

    /// <summary>Sends a request and checks the answer.</summary>
    /// <exception cref="FindingException">The answer breaks an invariant.</exception>
    public static async Task<(HttpStatusCode Status, byte[] Body)> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        try
        {
            using var response = await client.SendAsync(request).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
            Check(response, body);
            return (response.StatusCode, body);
        }
        catch (TaskCanceledException e)
        {
            throw new FindingException($"no answer within {Patience.TotalSeconds} s", e);
        }
    }

    private static void Check(HttpResponseMessage response, byte[] body)
    {
        if ((int)response.StatusCode >= 500)
        {
            throw new FindingException($"the answer is {(int)response.StatusCode}");
        }

        if (body.Length > LongestAnswer)
        {
            throw new FindingException($"the answer has {body.Length} bytes");
        }

        if (body.Length > 0 && response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json")
        {
            try
            {
                using var document = JsonDocument.Parse(body);
            }
            catch (JsonException e)
            {
                throw new FindingException("the answer is no valid JSON", e);
            }
        }
    }
}

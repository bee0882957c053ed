using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Benchmarks.Load;

/// <summary>A client of the REST API that has logged in with an application token, and does so again when its login has ended.</summary>
internal sealed class RestSession : IDisposable
{
    public const string Collection = "/api/v1/euicc";
    private const int LargestPage = 1_000;

    private static readonly Option<string?> Token = new("--token") { Description = "The application token." };
    private static readonly Option<string?> TokenFile = new("--token-file") { Description = "A file that holds the application token." };

    private readonly HttpClient _client;
    private readonly string _token;
    private AuthenticationHeaderValue? _login;

    private RestSession(HttpClient client, string token) => (_client, _token) = (client, token);

    public static void AddTo(Command command)
    {
        command.Add(Token);
        command.Add(TokenFile);
    }

    /// <exception cref="LoadException">There is no token, or the API does not take it.</exception>
    public static async Task<RestSession> OpenAsync(Uri url, ParseResult arguments, LoadOptions options, CancellationToken ct)
    {
        var session = new RestSession(LoadClient.Create(url, options), await ReadTokenAsync(arguments, ct).ConfigureAwait(false));
        try
        {
            await session.LogInAsync(ct).ConfigureAwait(false);
            return session;
        }
        catch (HttpRequestException e)
        {
            session.Dispose();
            throw new LoadException($"No login at {url}: {e.Message}", e);
        }
    }

    /// <summary>Sends a request; when the login has ended, once more with a new one.</summary>
    public async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        var answer = await SendOnceAsync(make, ct).ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
        {
            return answer;
        }

        answer.Dispose();
        await LogInAsync(ct).ConfigureAwait(false);
        return await SendOnceAsync(make, ct).ConfigureAwait(false);
    }

    /// <summary>The EIDs of the organisation's first eUICCs.</summary>
    /// <exception cref="LoadException">The list cannot be read.</exception>
    public async Task<IReadOnlyList<Eid>> ReadEidsAsync(int count, CancellationToken ct)
    {
        var eids = new List<Eid>();
        for (var page = 1L; eids.Count < count; page++)
        {
            var url = $"{Collection}?per_page={LargestPage}&page={page}";
            using var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, url), ct).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                throw new LoadException($"The list of eUICCs cannot be read: HTTP {(int)answer.StatusCode}.");
            }

            var list = await answer.Content.ReadFromJsonAsync<JsonElement>(ct).ConfigureAwait(false);
            eids.AddRange(list.EnumerateArray().Select(euicc => Eid.Parse(euicc.GetProperty("eid").GetString()!)));
            if (Header(answer, "X-Total-Pages") <= page)
            {
                break;
            }
        }

        return eids.Count > count ? eids[..count] : eids;
    }

    /// <summary>A number in a list's headers; 0 where there is none.</summary>
    public static long Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) && long.TryParse(values.First(), out var number) ? number : 0;

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> make, CancellationToken ct)
    {
        using var request = make();
        request.Headers.Authorization = _login;
        return await _client.SendAsync(request, ct).ConfigureAwait(false);
    }

    private async Task LogInAsync(CancellationToken ct)
    {
        using var answer = await _client.PostAsJsonAsync("/api/v1/authenticate", new Dictionary<string, string> { ["application_token"] = _token }, ct).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(ct).ConfigureAwait(false);
        _login = new AuthenticationHeaderValue("Bearer", body.GetProperty("auth_token").GetString());
    }

    private static async Task<string> ReadTokenAsync(ParseResult arguments, CancellationToken ct)
    {
        if (arguments.GetValue(Token) is { } token)
        {
            return token;
        }

        var file = arguments.GetValue(TokenFile) ?? throw new LoadException("The REST API needs --token or --token-file.");
        try
        {
            return (await File.ReadAllTextAsync(file, ct).ConfigureAwait(false)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadException($"--token-file {file} cannot be read: {e.Message}", e);
        }
    }
}

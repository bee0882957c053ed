using System.Collections.Concurrent;
using System.CommandLine;
using System.Text.Json;

namespace OpenEim.Benchmarks.Load;

/// <summary>The command <c>load rest</c>: users that leaf through the list of eUICCs, and schedule audits where that is asked for.</summary>
internal static class RestLoad
{
    private static readonly Option<Uri?> Url = UrlOption.Create("--url", "Where the REST API is: scheme, host and port.", isRequired: true);
    private static readonly Option<int> PerPage = new("--per-page") { Description = "How many eUICCs a page has.", DefaultValueFactory = _ => 100 };
    private static readonly Option<long> Pages = new("--pages") { Description = "Leafs through the first pages only; 0: all of them.", DefaultValueFactory = _ => 0 };
    private static readonly Option<string?> Filter = new("--filter") { Description = "The list's q, such as status:active." };
    private static readonly Option<int> AuditEvery = new("--audit-every")
    {
        Description = "Each n-th request schedules an audit on an eUICC that was seen in a list; 0: none. They are real operations, and wait for their devices.",
        DefaultValueFactory = _ => 0,
    };

    public static Command Create()
    {
        var command = new Command("rest", "Logs in with an application token and reads pages of the list of eUICCs at random. A token may make 1,000 requests per second for long (RequestsPerSecond); beyond it the server answers 429.")
        {
            Url, PerPage, Pages, Filter, AuditEvery,
        };
        RestSession.AddTo(command);
        LoadOptions.AddTo(command);
        command.SetAction((arguments, ct) => LoadCommand.GuardAsync(() => RunAsync(arguments, ct)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        var options = LoadOptions.Read(arguments);
        using var session = await RestSession.OpenAsync(arguments.GetValue(Url)!, arguments, options, ct).ConfigureAwait(false);
        var filter = arguments.GetValue(Filter) is { } q ? "&q=" + Uri.EscapeDataString(q) : "";
        var reader = new Reader(session, $"{RestSession.Collection}?per_page={arguments.GetValue(PerPage)}{filter}", arguments.GetValue(Pages));
        if (await reader.ReadAsync(ct).ConfigureAwait(false) is { IsError: true } refused)
        {
            throw new LoadException($"The list of eUICCs cannot be read: {refused.Kind}.");
        }

        var every = arguments.GetValue(AuditEvery);
        return await new LoadRun(
            options,
            (number, stop) => every > 0 && number % every == every - 1 ? reader.AuditAsync(stop) : reader.ReadAsync(stop)).RunAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Reads pages at random and remembers the eUICCs of the last one.</summary>
    private sealed class Reader(RestSession session, string url, long onlyPages)
    {
        private static readonly object[] Audit = [new { action = new { id = 1 } }];

        private readonly ConcurrentQueue<long> _seen = new();
        private long _pages = 1;

        public async Task<Outcome> ReadAsync(CancellationToken ct)
        {
            var page = Random.Shared.NextInt64(_pages) + 1;
            using var answer = await session.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, $"{url}&page={page}"), ct).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                return Outcome.Refused(answer);
            }

            var list = await answer.Content.ReadFromJsonAsync<JsonElement>(ct).ConfigureAwait(false);
            var pages = Math.Max(1, RestSession.Header(answer, "X-Total-Pages"));
            _pages = onlyPages > 0 ? Math.Min(onlyPages, pages) : pages;
            foreach (var euicc in list.EnumerateArray())
            {
                Remember(euicc.GetProperty("id").GetInt64());
            }

            return Outcome.Ok("page");
        }

        public async Task<Outcome> AuditAsync(CancellationToken ct)
        {
            if (!_seen.TryDequeue(out var euicc))
            {
                return await ReadAsync(ct).ConfigureAwait(false);
            }

            using var answer = await session.SendAsync(
                () => new HttpRequestMessage(HttpMethod.Post, $"{RestSession.Collection}/{euicc}/operation") { Content = JsonContent.Create(Audit) }, ct).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? Outcome.Ok("audit") : Outcome.Refused(answer);
        }

        private void Remember(long euicc)
        {
            const int Enough = 10_000;
            if (_seen.Count < Enough)
            {
                _seen.Enqueue(euicc);
            }
        }
    }
}

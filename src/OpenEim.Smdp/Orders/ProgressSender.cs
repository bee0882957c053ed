using System.Net.Http.Headers;
using OpenEim.Hosting.Listeners;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Smdp.Telemetry;
using OpenEim.Storage;

namespace OpenEim.Smdp.Orders;

/// <summary>Sends what waits in the outbox to the operator (SGP.22 5.3.5), in order for each profile, until it is taken.</summary>
internal sealed partial class ProgressSender(
    Database database, HttpClient http, Uri operatorUrl, TimeProvider time, SmdpTelemetry telemetry, ILogger<ProgressSender> logger)
{
    private const int MaxBatch = 50;

    /// <summary>However old it seems to be: the clock may have been wrong when it was written.</summary>
    private const int MinAttempts = 24;

    // No next attempt is later than the longest pause; one that seems to be was set by a clock that was ahead.
    private const string SelectDue = """
        SELECT id, iccid, body, created, attempts, next_attempt FROM progress p
        WHERE (next_attempt <= @now OR next_attempt > @believed) AND NOT EXISTS (SELECT 1 FROM progress e WHERE e.iccid = p.iccid AND e.id < p.id)
        ORDER BY id LIMIT @limit
        """;

    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(1); // longer than an answer may take
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromDays(7);

    private readonly Uri _target = new(operatorUrl, Es2PlusPaths.HandleDownloadProgressInfo);

    /// <summary>Sends what is due, until nothing is.</summary>
    public async Task RunOnceAsync(CancellationToken ct)
    {
        while (true)
        {
            var due = await database.ReadAsync(
                session => session.QueryAsync<Report>(SelectDue, new { now = Now(), believed = Now() + (long)(LongestPause + Claim).TotalMilliseconds, limit = MaxBatch }), ct).ConfigureAwait(false);
            foreach (var report in due)
            {
                if (await ClaimAsync(report, ct).ConfigureAwait(false))
                {
                    await SendAsync(report, ct).ConfigureAwait(false);
                }
            }

            if (due.Count == 0)
            {
                return;
            }
        }
    }

    /// <summary>Of several nodes one sends it; one that dies meanwhile leaves it to another when the claim has run out.</summary>
    private Task<bool> ClaimAsync(Report report, CancellationToken ct) => database.WriteAsync(
        async session => await session.ExecuteAsync(
            "UPDATE progress SET next_attempt = @until WHERE id = @Id AND next_attempt = @NextAttempt",
            new { report.Id, report.NextAttempt, until = Now() + (long)Claim.TotalMilliseconds }).ConfigureAwait(false) > 0,
        ct);

    private async Task SendAsync(Report report, CancellationToken ct)
    {
        using var span = telemetry.Activities.StartActivity("ES2+ handleDownloadProgressInfo", System.Diagnostics.ActivityKind.Client);
        var failure = await TrySendAsync(report.Body, ct).ConfigureAwait(false);
        telemetry.ProgressSent(failure is null);
        if (failure is not null && (Now() - report.Created < GiveUpAfter.TotalMilliseconds || report.Attempts < MinAttempts))
        {
            var pause = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(report.Attempts, 20)), LongestPause.TotalMilliseconds);
            await database.WriteAsync(
                async session => await session.ExecuteAsync(
                    "UPDATE progress SET attempts = attempts + 1, next_attempt = @next WHERE id = @Id",
                    new { report.Id, next = Now() + (long)pause }).ConfigureAwait(false) > 0,
                ct).ConfigureAwait(false);
            LogWaits(report.Iccid, TimeSpan.FromMilliseconds(pause), failure);
            return;
        }

        if (failure is not null)
        {
            LogGivenUp(report.Iccid, failure);
        }

        await database.WriteAsync(
            async session => await session.ExecuteAsync("DELETE FROM progress WHERE id = @Id", new { report.Id }).ConfigureAwait(false) > 0, ct).ConfigureAwait(false);
    }

    /// <summary>Why the operator did not take it; null when he did.</summary>
    private async Task<string?> TrySendAsync(byte[] body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _target) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(RspOverHttp.JsonMediaType);
        request.Headers.Add("X-Admin-Protocol", "gsma/rsp/v2.5.0");
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? null : $"HTTP {(int)response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
        catch (TaskCanceledException) when (!ct.IsCancellationRequested)
        {
            return "no answer in time";
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class Report
    {
        public long Id { get; init; }

        public required string Iccid { get; init; }

        public required byte[] Body { get; init; }

        public long Created { get; init; }

        public int Attempts { get; init; }

        public long NextAttempt { get; init; }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Progress of profile {Iccid} was not taken and waits {Pause}: {Reason}")]
    private partial void LogWaits(string iccid, TimeSpan pause, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Progress of profile {Iccid} was not taken for too long and is dropped: {Reason}")]
    private partial void LogGivenUp(string iccid, string reason);
}

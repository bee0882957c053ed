using System.Diagnostics;
using OpenEim.Manager.Telemetry;

namespace OpenEim.Manager.Smdps;

/// <summary>Times and traces calls to SM-DP+s.</summary>
internal static class SmdpCalls
{
    /// <summary>Times and traces one function called at an SM-DP+.</summary>
    /// <param name="telemetry">Where it is counted.</param>
    /// <param name="function">The last part of its path.</param>
    /// <param name="authority">Host and port.</param>
    /// <param name="call">Calls it.</param>
    public static async Task<SmdpAnswer<T>> CallAsync<T>(this EimTelemetry telemetry, string function, string authority, Func<Task<SmdpAnswer<T>>> call)
        where T : class
    {
        using var span = telemetry.Activities.StartActivity(function, ActivityKind.Client)?.SetTag("server.address", authority);
        var begin = Stopwatch.GetTimestamp();
        var answer = await call().ConfigureAwait(false);
        var outcome = SmdpTags.OutcomeOf(answer.Trouble, answer.Value is not null);
        telemetry.Called(function, outcome, Stopwatch.GetElapsedTime(begin));
        span?.SetTag("openeim.outcome", outcome.Value);
        span?.SetTag("openeim.refusal", answer.Refusal?.ToString());
        if (answer.Trouble is not null)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }

        return answer;
    }
}

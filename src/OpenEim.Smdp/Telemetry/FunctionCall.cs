using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Smdp.Telemetry;

/// <summary>One call of a function, counted and timed when it is disposed. Unless it is told otherwise, the call has failed.</summary>
internal sealed class FunctionCall(Histogram<double> durations, Activity? span, string function) : IDisposable
{
    private readonly long _begin = Stopwatch.GetTimestamp();
    private string _outcome = "failed";
    private string? _code;

    /// <summary>The function, where it is read only now.</summary>
    public void Named(string name)
    {
        function = name;
        span?.DisplayName = "ES9+ " + name;
    }

    public void Executed() => _outcome = "executed";

    public void Malformed() => _outcome = "malformed";

    /// <summary>It ended with one of the standard's status codes.</summary>
    public void Refused(StatusCode code)
    {
        _outcome = "refused";
        _code = code.ToString();
    }

    public void Dispose()
    {
        var tags = new TagList { { "function", function }, { "outcome", _outcome } };
        if (_code is not null)
        {
            tags.Add("code", _code);
        }

        durations.Record(Stopwatch.GetElapsedTime(_begin).TotalSeconds, tags);
        span?.SetTag("openeim.outcome", _outcome);
        span?.SetTag("openeim.code", _code);
        if (_outcome == "failed")
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }

        span?.Dispose();
    }
}

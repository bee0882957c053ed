using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OpenEim.Smdp.Telemetry;

/// <summary>How a package came to be delivered.</summary>
internal enum Binding
{
    /// <summary>Protected for an eUICC's new one-time key.</summary>
    New,

    /// <summary>The same segments for another session.</summary>
    Again,

    /// <summary>The same bytes for the same session.</summary>
    Repeated,
}

/// <summary>What one SM-DP+ counts and traces. No tag ever holds a key, a matching id, a confirmation code or what is in a profile.</summary>
/// <remarks>Several may run in one process, so this is an instance for each, told apart by its scope.</remarks>
internal sealed class SmdpTelemetry : IDisposable
{
    /// <summary>The name of the meter and of the source of spans.</summary>
    public const string Name = "OpenEim.Smdp";

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter;
    private readonly Counter<long> _bound;
    private readonly Counter<long> _progressSent;
    private readonly Gauge<long> _progressPending;

    public SmdpTelemetry(object? scope)
    {
        _meter = new Meter(new MeterOptions(Name) { Scope = scope });
        Es9Plus = _meter.CreateHistogram("openeim.es9plus.function.duration", "s", "Functions of ES9+ that devices and eIMs called", tags: null, Seconds);
        Es2Plus = _meter.CreateHistogram("openeim.es2plus.function.duration", "s", "Functions of ES2+ that operators called", tags: null, Seconds);
        _bound = _meter.CreateCounter<long>("openeim.packages.bound", "{package}", "Bound profile packages that left");
        _progressSent = _meter.CreateCounter<long>("openeim.progress.sent", "{report}", "Attempts to tell operators of downloads");
        _progressPending = _meter.CreateGauge<long>("openeim.progress.pending", "{report}", "Reports that wait for their operator; no more than 100,000 are counted");
    }

    public Histogram<double> Es9Plus { get; }

    public Histogram<double> Es2Plus { get; }

    public ActivitySource Activities { get; } = new(Name);

    public void Dispose()
    {
        _meter.Dispose();
        Activities.Dispose();
    }

    /// <summary>A function of ES9+ is called.</summary>
    public FunctionCall BeginEs9Plus(string function) => new(Es9Plus, Activities.StartActivity("ES9+ " + function), function);

    /// <summary>A function of ES2+ is called.</summary>
    public FunctionCall BeginEs2Plus(string function) => new(Es2Plus, Activities.StartActivity("ES2+ " + function), function);

    /// <summary>A package has left.</summary>
    public void Bound(Binding binding) => _bound.Add(1, new KeyValuePair<string, object?>("kind", binding switch
    {
        Binding.New => "new",
        Binding.Again => "again",
        _ => "repeated",
    }));

    /// <summary>An operator was told, or could not be.</summary>
    public void ProgressSent(bool arrived) => _progressSent.Add(1, new KeyValuePair<string, object?>("outcome", arrived ? "arrived" : "failed"));

    /// <summary>How many reports wait.</summary>
    public void ProgressPending(long reports) => _progressPending.Record(reports);
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenEim.Protocol.Identifiers;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace OpenEim.Manager.Telemetry;

/// <summary>What one eIM counts and traces. No tag ever holds a key, a token, an activation code or what is in a profile.</summary>
/// <remarks>
/// Several eIMs may run in one process, so this is an instance for each, told apart by its scope. Counting allocates nothing: tags are made
/// once, and none names a device, so that the number of series does not grow with the fleet. What happens in a transaction is counted when
/// it is decided, as it is logged: should the commit fail, the repetition is counted again.
/// </remarks>
public sealed class EimTelemetry : IDisposable
{
    /// <summary>The name of the meter and of the source of spans.</summary>
    public const string Name = "OpenEim.Manager";

    private static readonly InstrumentAdvice<double> OperationSeconds = new()
    {
        HistogramBucketBoundaries = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400, 604800],
    };

    private static readonly InstrumentAdvice<double> CallSeconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 3.5, 5, 10, 20],
    };

    private static readonly Tag Arrived = new("outcome", "arrived");
    private static readonly Tag Failed = new("outcome", "failed");
    private static readonly Tag Again = new("repeated", "true");
    private static readonly Tag FirstTime = new("repeated", "false");

    private readonly Meter _meter;
    private readonly Counter<long> _polls;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _scheduled;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _verifications;
    private readonly Counter<long> _distrusted;
    private readonly Counter<long> _forwarded;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _answerDuration;
    private readonly Histogram<double> _calls;
    private readonly Gauge<long> _pendingOperations;
    private readonly Gauge<long> _overdueNotifications;

    /// <summary>Makes the instruments.</summary>
    /// <param name="scope">Whose they are: the same object as that of the host's other meters.</param>
    public EimTelemetry(object? scope = null)
    {
        _meter = new Meter(new MeterOptions(Name) { Scope = scope });
        _polls = _meter.CreateCounter<long>("openeim.polls", "{poll}", "Polls of devices, by what they are answered with");
        _deliveries = _meter.CreateCounter<long>("openeim.deliveries", "{package}", "Packages and requests handed to devices");
        _scheduled = _meter.CreateCounter<long>("openeim.operations.scheduled", "{operation}", "Operations scheduled");
        _ended = _meter.CreateCounter<long>("openeim.operations.ended", "{operation}", "Operations that have come to their end");
        _verifications = _meter.CreateCounter<long>(
            "openeim.verifications", "{verification}", "Signatures and certificate chains that were checked of what devices brought");
        _distrusted = _meter.CreateCounter<long>("openeim.verification.failures", "{failure}", "What devices brought and was not believed");
        _forwarded = _meter.CreateCounter<long>("openeim.notifications.forwarded", "{notification}", "Attempts to hand notifications to SM-DP+s");
        _duration = _meter.CreateHistogram("openeim.operation.duration", "s", "From scheduling to the end of an operation", tags: null, OperationSeconds);
        _answerDuration = _meter.CreateHistogram(
            "openeim.operation.answer.duration", "s", "From the delivery of an operation's last package to its end", tags: null, OperationSeconds);
        _calls = _meter.CreateHistogram("openeim.smdp.request.duration", "s", "Functions called at SM-DP+s", tags: null, CallSeconds);
        _pendingOperations = _meter.CreateGauge<long>("openeim.operations.pending", "{operation}", "Operations that have not ended; no more than 100,000 are counted");
        _overdueNotifications = _meter.CreateGauge<long>(
            "openeim.notifications.overdue", "{notification}", "Notifications that should be at their SM-DP+ by now; no more than 100,000 are counted");
    }

    /// <summary>For what runs without a host.</summary>
    public static EimTelemetry Unscoped { get; } = new();

    /// <summary>Whose instruments these are.</summary>
    public object? Scope => _meter.Scope;

    /// <summary>Where the spans come from.</summary>
    public ActivitySource Activities { get; } = new(Name);

    /// <inheritdoc/>
    public void Dispose()
    {
        _meter.Dispose();
        Activities.Dispose();
    }

    /// <summary>Begins a span about one eUICC; null when nobody listens.</summary>
    public Activity? Start(string name, Eid eid) => Activities.StartActivity(name)?.SetTag("openeim.eid", eid.ToString());

    /// <summary>A poll is answered.</summary>
    /// <param name="answer">What with.</param>
    internal void Polled(Tag answer) => _polls.Add(1, answer);

    /// <summary>A package leaves.</summary>
    /// <param name="kind">Of which kind.</param>
    /// <param name="isRepeated">Whether it has left before.</param>
    internal void Delivered(Tag kind, bool isRepeated) => _deliveries.Add(1, kind, isRepeated ? Again : FirstTime);

    /// <summary>Operations are stored.</summary>
    /// <param name="action">What they do.</param>
    /// <param name="count">How many.</param>
    internal void Scheduled(Tag action, int count) => _scheduled.Add(count, action);

    /// <summary>An operation has ended; times in Unix milliseconds.</summary>
    internal void Ended(Tag action, Tag status, long created, long? delivered, long now)
    {
        _ended.Add(1, action, status);
        _duration.Record((now - created) / 1000d, action, status);
        if (delivered is { } left)
        {
            _answerDuration.Record((now - left) / 1000d, action, status);
        }
    }

    /// <summary>A signature or a certificate chain is about to be checked.</summary>
    /// <param name="subject">Of what: result, certificate, notification.</param>
    internal void Verifying(string subject) => _verifications.Add(1, new Tag("subject", subject));

    /// <summary>Something is not believed.</summary>
    /// <param name="subject">What: result, data, notification, relay.</param>
    /// <param name="reason">Why not.</param>
    internal void Distrusted(string subject, Tag reason) => _distrusted.Add(1, new("subject", subject), reason);

    /// <summary>A notification was handed to its SM-DP+, or not.</summary>
    internal void Forwarded(bool arrived) => _forwarded.Add(1, arrived ? Arrived : Failed);

    /// <summary>How much waits.</summary>
    internal void Waiting(long operations, long notifications)
    {
        _pendingOperations.Record(operations);
        _overdueNotifications.Record(notifications);
    }

    /// <summary>A function of an SM-DP+ was called.</summary>
    /// <param name="function">The last part of its path.</param>
    /// <param name="outcome">How the call ended.</param>
    /// <param name="duration">How long it took.</param>
    internal void Called(string function, Tag outcome, TimeSpan duration) => _calls.Record(duration.TotalSeconds, new Tag("function", function), outcome);
}

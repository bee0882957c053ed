using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenEim.Manager.Downloads;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Packages;
using OpenEim.Protocol.Identifiers;

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

    private static readonly KeyValuePair<string, object?> Again = new("repeated", "true");
    private static readonly KeyValuePair<string, object?> FirstTime = new("repeated", "false");

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
    internal void Polled(PollAnswer answer) => _polls.Add(1, TelemetryTags.Of(answer));

    /// <summary>A package leaves.</summary>
    internal void Delivered(ExchangeKind kind, bool isRepeated) => _deliveries.Add(1, TelemetryTags.Of(kind), isRepeated ? Again : FirstTime);

    /// <summary>Operations are stored.</summary>
    internal void Scheduled(OperationAction action, int count) => _scheduled.Add(count, TelemetryTags.Of(action));

    /// <summary>An operation has ended; times in Unix milliseconds.</summary>
    internal void Ended(OperationAction action, OperationStatus status, long created, long? delivered, long now)
    {
        var (what, how) = (TelemetryTags.Of(action), TelemetryTags.Of(status));
        _ended.Add(1, what, how);
        _duration.Record((now - created) / 1000d, what, how);
        if (delivered is { } left)
        {
            _answerDuration.Record((now - left) / 1000d, what, how);
        }
    }

    /// <summary>A signature or a certificate chain is about to be checked.</summary>
    /// <param name="subject">Of what: result, certificate, notification.</param>
    internal void Verifying(string subject) => _verifications.Add(1, new KeyValuePair<string, object?>("subject", subject));

    /// <summary>Something is not believed.</summary>
    /// <param name="subject">What: result, data, notification, relay.</param>
    /// <param name="reason">Why not.</param>
    internal void Distrusted(string subject, Distrust reason) => _distrusted.Add(1, new("subject", subject), TelemetryTags.Of(reason));

    /// <summary>A notification was handed to its SM-DP+, or not.</summary>
    internal void Forwarded(bool arrived) => _forwarded.Add(1, arrived ? TelemetryTags.Arrived : TelemetryTags.Failed);

    /// <summary>How much waits.</summary>
    internal void Waiting(long operations, long notifications)
    {
        _pendingOperations.Record(operations);
        _overdueNotifications.Record(notifications);
    }

    /// <summary>Times and traces one function called at an SM-DP+.</summary>
    /// <param name="function">The last part of its path.</param>
    /// <param name="authority">Host and port.</param>
    /// <param name="call">Calls it.</param>
    internal async Task<SmdpAnswer<T>> CallAsync<T>(string function, string authority, Func<Task<SmdpAnswer<T>>> call)
        where T : class
    {
        using var span = Activities.StartActivity(function, ActivityKind.Client)?.SetTag("server.address", authority);
        var begin = Stopwatch.GetTimestamp();
        var answer = await call().ConfigureAwait(false);
        var outcome = TelemetryTags.OutcomeOf(answer.Trouble, answer.Value is not null);
        _calls.Record(Stopwatch.GetElapsedTime(begin).TotalSeconds, new KeyValuePair<string, object?>("function", function), outcome);
        span?.SetTag("openeim.outcome", outcome.Value);
        span?.SetTag("openeim.refusal", answer.Refusal?.ToString());
        if (answer.Trouble is not null)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }

        return answer;
    }
}

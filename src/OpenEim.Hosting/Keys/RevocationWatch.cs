using System.Diagnostics.Metrics;
using OpenEim.Hosting.Running;
using OpenEim.Hosting.Settings;
using OpenEim.Protocol;
using OpenEim.Protocol.Security;

namespace OpenEim.Hosting.Keys;

/// <summary>Revocation lists and the quarantine as files: read at the start, and again when they change.</summary>
/// <remarks>
/// What cannot be read ends the start. Later it leaves what was known in force, and the log says why. A list that has expired stays in force
/// too: the alternative is that all devices stop when an issuer is late.
/// </remarks>
public sealed partial class RevocationWatch : IDisposable
{
    /// <summary>How often the files are looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly WatchedFiles? _lists;
    private readonly WatchedFiles? _quarantine;
    private readonly RspTrust _trust;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter _meter;
    private IReadOnlyList<(string Name, RevocationList List)> _readLists = [];
    private Quarantine _readQuarantine = Quarantine.None;
    private HashSet<string> _warned = [];
    private string? _failure;

    private RevocationWatch(string? lists, string? quarantine, RspTrust trust, IMeterFactory meters, string meterName, TimeProvider time, ILogger logger)
    {
        _lists = lists is null ? null : new WatchedFiles(lists);
        _quarantine = quarantine is null ? null : new WatchedFiles(quarantine);
        (_trust, _time, _logger) = (trust, time, logger);
        _meter = meters.Create(new MeterOptions(meterName));
        _meter.CreateObservableGauge("openeim.revocation.lists", Measure, "{list}", "Revocation lists: applied, expired (and applied), or refused because the issuer did not sign them");
    }

    /// <summary>Reads what is configured.</summary>
    /// <exception cref="SetupException">It cannot be read, or a CI did not sign a list in its name.</exception>
    public static RevocationWatch Open(
        string? lists, string? quarantine, RspTrust trust, IMeterFactory meters, string meterName, TimeProvider time, ILogger<RevocationWatch> logger)
    {
        var watch = new RevocationWatch(lists, quarantine, trust, meters, meterName, time, logger);
        watch.Read(onlyChanged: false);
        return watch;
    }

    /// <summary>Reads what the options name, and again when it changes, while the host runs.</summary>
    /// <exception cref="SetupException">It cannot be read, or a CI did not sign a list in its name.</exception>
    public static void Start(RunningHost host, CommonOptions options, RspTrust trust, string meterName)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Crl is not null || options.Quarantine is not null)
        {
            var logger = host.Loggers.CreateLogger<RevocationWatch>();
            var watch = host.Own(Open(options.Crl, options.Quarantine, trust, host.Telemetry.Meters, meterName, host.Time, logger));
            host.StartLoop("Watching revocations", Interval, watch.RunOnceAsync);
        }
    }

    /// <summary>Looks whether the files have changed.</summary>
    public Task RunOnceAsync(CancellationToken ct)
    {
        try
        {
            Read(onlyChanged: true);
            _failure = null;
        }
        catch (SetupException e)
        {
            _lists?.Forget();
            _quarantine?.Forget();
            if (e.Message != _failure)
            {
                LogKept(_failure = e.Message);
            }
        }

        Warn();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void Read(bool onlyChanged)
    {
        var lists = _lists?.Read(onlyChanged);
        var quarantine = _quarantine?.Read(onlyChanged);
        if (lists is null && quarantine is null)
        {
            return;
        }

        try
        {
            var readLists = lists is null ? _readLists : [.. lists.SelectMany(ListsOf)];
            var readQuarantine = quarantine is null ? _readQuarantine : Quarantine.Read(quarantine);
            var revocations = new Revocations(readLists, readQuarantine);
            if (revocations.RefusedBy(_trust.Roots) is { Count: > 0 } refused)
            {
                throw new SetupException($"The revocation list {refused.First()} is not signed by the CI that it names.");
            }

            (_readLists, _readQuarantine, _trust.Revocations) = (readLists, readQuarantine, revocations);
            var revoked = readLists.Sum(list => list.List.Count);
            LogRead(readLists.Count, revoked, readQuarantine.Count);
        }
        catch (ProtocolException e)
        {
            throw new SetupException($"Revocation lists or quarantine cannot be used: {e.Message}.", e);
        }
    }

    private static IEnumerable<(string Name, RevocationList List)> ListsOf((string Name, ReadOnlyMemory<byte> Content) file)
    {
        try
        {
            return Revocations.Read(file.Content).Select(list => (file.Name, list));
        }
        catch (ProtocolException e)
        {
            throw new ProtocolException($"{file.Name}: {e.Message}", e);
        }
    }

    /// <summary>Once for each list that has expired, or that turned out to be another issuer's.</summary>
    private void Warn()
    {
        var expired = _trust.Revocations.ExpiredAt(_time.GetUtcNow());
        var refused = _trust.Revocations.Refused;
        foreach (var name in expired.Where(name => !_warned.Contains("expired " + name)))
        {
            LogExpired(name);
        }

        foreach (var name in refused.Where(name => !_warned.Contains("refused " + name)))
        {
            LogRefused(name);
        }

        _warned = [.. expired.Select(name => "expired " + name), .. refused.Select(name => "refused " + name)];
    }

    private IEnumerable<Measurement<int>> Measure()
    {
        var revocations = _trust.Revocations;
        var expired = revocations.ExpiredAt(_time.GetUtcNow()).Count;
        var refused = revocations.Refused.Count;
        return
        [
            new Measurement<int>(_readLists.Count - refused, new KeyValuePair<string, object?>("state", "applied")),
            new Measurement<int>(expired, new KeyValuePair<string, object?>("state", "expired")),
            new Measurement<int>(refused, new KeyValuePair<string, object?>("state", "refused")),
        ];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Revocation lists: {Lists}, with {Revoked} certificates; in quarantine: {Quarantined}")]
    private partial void LogRead(int lists, int revoked, int quarantined);

    [LoggerMessage(Level = LogLevel.Error, Message = "Revocation lists or quarantine have changed and cannot be used; what was read before stays in force: {Reason}")]
    private partial void LogKept(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The revocation list {Name} is past its next update; it stays in force, and later revocations are not known")]
    private partial void LogExpired(string name);

    [LoggerMessage(Level = LogLevel.Error, Message = "The revocation list {Name} is not signed by the issuer that it names, and is not applied")]
    private partial void LogRefused(string name);
}

using System.Diagnostics;
using OpenEim.Benchmarks.Engines;

namespace OpenEim.Benchmarks.Reports;

/// <summary>One run of the report: how long and how large, the engines with their data, and the lines so far. Dispose it: it removes what was started.</summary>
internal sealed class BenchRun : IAsyncDisposable
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<Measurement> _lines = [];
    private readonly List<string> _remarks = [];
    private readonly string _folder;
    private Fleets? _fleets;

    public BenchRun(bool quick, string? folder, CancellationToken stop)
    {
        IsQuick = quick;
        Stop = stop;
        _folder = folder is null
            ? Directory.CreateTempSubdirectory("openeim-bench-").FullName
            : Directory.CreateDirectory(Path.Combine(folder, $"openeim-bench-{Environment.ProcessId}")).FullName;
        Engines = [new SqliteEngine()];
    }

    public bool IsQuick { get; }

    public CancellationToken Stop { get; }

    /// <summary>How long each of two that take turns is measured in total.</summary>
    public TimeSpan Duration => IsQuick ? TimeSpan.FromSeconds(2.4) : TimeSpan.FromSeconds(10);

    public int Rounds => IsQuick ? 3 : 5;

    /// <summary>
    /// The processor time that ours takes before it is measured: until the runtime has compiled what is hot for good; before that its
    /// compiler is what is measured. Not time on the clock, of which a busy machine gives this process only a part.
    /// </summary>
    public TimeSpan WarmUp => IsQuick ? TimeSpan.FromSeconds(5) : TimeSpan.FromSeconds(24);

    /// <summary>Those that this machine has.</summary>
    public IReadOnlyList<IEngine> Engines { get; private set; }

    /// <summary>Databases with many eUICCs, shared by the parts.</summary>
    public Fleets Fleets => _fleets ??= new Fleets(this);

    public IReadOnlyList<Measurement> Lines => _lines;

    /// <summary>What was left out, or went wrong, and why.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    /// <summary>Whether a part broke down.</summary>
    public bool HasFailed { get; private set; }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Starts the engines that are processes of their own, as far as this machine has them.</summary>
    public async Task StartEnginesAsync()
    {
        if (await PostgresEngine.StartAsync(IsQuick ? "256MB" : "2GB", Stop).ConfigureAwait(false) is { } postgres)
        {
            Engines = [.. Engines, postgres];
        }
        else
        {
            LeaveOut("PostgreSQL: initdb, pg_ctl and postgres are not on the PATH, or this is not Linux");
        }
    }

    /// <summary>A new folder, which goes with the run.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("N"))).FullName;

    /// <summary>What this process and the database servers have used of the processors.</summary>
    public TimeSpan ProcessorTime() => Engines.Aggregate(Environment.CpuUsage.TotalTime, (sum, engine) => sum + engine.ProcessorTime());

    /// <summary>A line for whoever waits.</summary>
    public void Say(string text) => Console.Error.WriteLine($"[{Elapsed:mm\\:ss}] {text}");

    public void Add(Measurement line)
    {
        _lines.Add(line);
        Say($"    {line.Name}: {Tables.Number(line.Measured)} beside {Tables.Number(line.Reference)}, {line.Ratio:P0}");
    }

    public void LeaveOut(string what)
    {
        _remarks.Add(what);
        Say($"    left out: {what}");
    }

    public void Fail(string part, Exception e)
    {
        HasFailed = true;
        _remarks.Add($"{part} broke down: {e.Message}");
        Say($"    {part} broke down: {e}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in Engines)
        {
            await engine.DisposeAsync().ConfigureAwait(false);
        }

        Directory.Delete(_folder, recursive: true);
    }
}

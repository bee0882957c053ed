using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace OpenEim.Tests.Cluster;

/// <summary>One run: devices poll, operators schedule and read, servers are killed; then everything comes to rest and is judged.</summary>
internal sealed class KillRun(Site site, IReadOnlyList<Victim> victims, TimeSpan duration, TimeSpan pause)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Plan _plan = new();
    private readonly int _seed = Random.Shared.Next();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _reads;
    private int _readsLost;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>How long servers are killed: seconds in OPENEIM_KILL_SECONDS, or else <paramref name="usual"/>.</summary>
    public static TimeSpan Duration(int usual) => TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable("OPENEIM_KILL_SECONDS") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual);

    /// <summary>Runs and judges.</summary>
    /// <param name="mayRefuseReads">What readers may be answered beside 200 while servers die.</param>
    public async Task RunAsync(params HttpStatusCode[] mayRefuseReads)
    {
        Tell($"seed {_seed}");
        var scripts = site.Fleet.Devices.Select((device, index) => new DeviceScript(index, device, site.Client, _plan, _seed)).ToList();
        var chaos = new Chaos(victims, _seed);
        using var polling = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var dying = new CancellationTokenSource(duration);
        var off = Enumerable.Range(0, scripts.Count).Where(index => index % 10 == 9).ToHashSet();
        foreach (var index in off)
        {
            site.Fleet.Devices[index].PowerOff();
        }

        var fleet = site.Fleet.RunAsync(polling.Token);
        var work = scripts.Select((script, index) => off.Contains(index) ? script.RunOffAsync(dying.Token, Ct) : script.RunAsync(pause, dying.Token, Ct)).ToList();
        var readers = Enumerable.Range(0, 2).Select(_ => ReadAsync(mayRefuseReads, dying.Token)).ToList();
        await Task.WhenAll([chaos.RunAsync(dying.Token, Ct), .. readers]);
        Tell($"killed: {string.Join(", ", chaos.Kills.Select(kill => $"{kill.Value} × {kill.Key}"))}");
        await Task.WhenAll(work).WaitAsync(Patience, Ct);
        Tell("every round has ended");
        foreach (var index in off)
        {
            site.Fleet.Devices[index].PowerOn();
        }

        await Task.WhenAll(scripts.Select(script => script.AuditAsync(Ct))).WaitAsync(Patience, Ct);
        await RestAsync();
        await polling.CancelAsync();
        await fleet;
        await JudgeAsync(scripts);
    }

    /// <summary>Reads lists all the time. Nothing but the loss of a server may keep a reader from its answer.</summary>
    private async Task ReadAsync(HttpStatusCode[] mayRefuse, CancellationToken stop)
    {
        string[] lists = ["/api/v1/euicc?per_page=100", "/api/v1/euicc/1/operation?per_page=100", "/api/v1/profile?per_page=100&sort=-iccid_with_luhn"];
        for (var turn = 0; !stop.IsCancellationRequested; turn++)
        {
            var status = await site.Client.TryGetAsync(lists[turn % lists.Length], Ct);
            Assert.True(status is null or HttpStatusCode.OK || mayRefuse.Contains(status.Value), $"a reader was answered {status}");
            Interlocked.Increment(ref status is HttpStatusCode.OK ? ref _reads : ref _readsLost);
            await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(50), stop));
        }
    }

    /// <summary>Waits until nobody has anything left to do.</summary>
    private async Task RestAsync()
    {
        var begin = Stopwatch.StartNew();
        while ((await Books.ReadAsync(site, Ct)).Unrest() is { } unrest)
        {
            Assert.True(begin.Elapsed < Patience, unrest);
            await Task.Delay(TimeSpan.FromSeconds(1), Ct);
        }

        Tell("all is at rest");
    }

    private async Task JudgeAsync(List<DeviceScript> scripts)
    {
        var cards = site.ReadCards();

        // What counts is what is on the disk.
        foreach (var node in site.Nodes)
        {
            await node.KillAsync();
        }

        var books = await Books.ReadAsync(site, Ct);
        Count(books, cards.Sum(card => card.Journal!.Packages.Count(package => package.Refusal is not null)));
        var wrong = new Judge(_plan, [.. scripts.Select(script => script.Model)], cards, books).Verdict();
        Assert.True(wrong.Count == 0, $"{wrong.Count} things are wrong:\n{string.Join('\n', wrong.Take(60))}\n{Evidence(wrong)}");
        Assert.All(site.Nodes, node => Assert.True(node.Crashes == 0, $"{node.Name} has ended by itself:\n{node.Tail()}"));
    }

    /// <summary>What the nodes have printed about the first devices with which something is wrong.</summary>
    private string Evidence(IReadOnlyList<string> wrong) => string.Join(
        '\n', wrong.Select(text => text[..Math.Min(32, text.Length)]).Where(text => text.All(char.IsAsciiDigit)).Distinct().Take(2).SelectMany(eid => site.LogAbout(eid).TakeLast(60)));

    private void Count(Books books, int refused)
    {
        Tell($"{_plan.Operations.Count} operations: {Counts(books.Operations.GroupBy(row => row.End))}");
        var packages = books.Exchanges.Where(row => row.Kind == 0x51).ToList();
        Tell($"{packages.Count} packages, {books.Exchanges.Sum(row => row.Deliveries - 1)} deliveries repeated, {refused} refused as replays");
        var installed = books.Deliveries.Count(row => row.Result == 1);
        Tell($"{_plan.Ordered.Count} profiles ordered, {books.Deliveries.Count} bound packages delivered, {installed} installed");
        Tell($"{books.Notifications.Count} notifications, {books.SmdpNotifications.Count} of them about the SM-DP+'s profiles, {books.Notifications.Sum(row => row.Attempts)} attempts to forward in vain");
        Tell($"{site.Client.Repetitions} requests repeated, {site.Client.Lost} without any answer; {_reads} lists read, {_readsLost} not");
        Tell($"{site.Nodes.Sum(node => node.FailedStarts)} starts in vain");
    }

    private static string Counts<T>(IEnumerable<IGrouping<string, T>> groups) =>
        string.Join(", ", groups.OrderByDescending(group => group.Count()).Select(group => $"{group.Count()} {group.Key}"));

    private void Tell(string text) => TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{_clock.Elapsed.TotalSeconds,6:F1} s] {text}"));
}

using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using OpenEim.Device.Fleet;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Tests.Cluster;

/// <summary>What an operator does with one device, round after round: operations whose ends are known beforehand, whatever dies meanwhile.</summary>
internal sealed partial class DeviceScript
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly int _index;
    private readonly VirtualDevice _device;
    private readonly OperatorClient _client;
    private readonly Plan _plan;
    private readonly Random _random;
    private readonly string _path;
    private readonly (int Weight, Func<CancellationToken, Task> Run)[] _rounds;

    public DeviceScript(int index, VirtualDevice device, OperatorClient client, Plan plan, int seed)
    {
        (_index, _device, _client, _plan, _random) = (index, device, client, plan, new Random(HashCode.Combine(seed, index)));
        _path = string.Create(CultureInfo.InvariantCulture, $"/api/v1/euicc/{index + 1}/operation");
        Model = new CardModel(index);
        _rounds =
        [
            (3, EnableAsync), (2, ContradictAsync), (3, RollBackAsync), (2, RiskRollbackAsync), (2, RefuseAsync), (2, FallbackAttributeAsync),
            (1, FallBackAsync), (2, CancelAsync), (2, LosePowerAsync), (2, DeleteAsync), (5, DownloadAsync),
        ];
    }

    /// <summary>What the card must look like after what has been done.</summary>
    public CardModel Model { get; }

    /// <summary>Goes round until <paramref name="stop"/>, and ends the round that it is in.</summary>
    public async Task RunAsync(TimeSpan pause, CancellationToken stop, CancellationToken ct)
    {
        while (!stop.IsCancellationRequested)
        {
            await PickRound()(ct);
            await Task.WhenAny(Task.Delay(pause * _random.NextDouble() * 2, stop));
        }
    }

    /// <summary>The last operation: a full look at the device.</summary>
    public async Task AuditAsync(CancellationToken ct) =>
        await UntilFinalAsync(await ScheduleAsync(ct, new Step(Operation(1), "the last audit", PlannedOperation.Succeeded)), ct);

    /// <summary>What is done with a device that is off: its operations expire, or are withdrawn.</summary>
    public async Task RunOffAsync(CancellationToken stop, CancellationToken ct)
    {
        while (!stop.IsCancellationRequested)
        {
            var expiring = Operation(3, Model.Others[0]);
            expiring["validity_period"] = _random.Next(1, 5);
            var expired = await ScheduleAsync(ct, new Step(expiring, "enable on a device that is off", PlannedOperation.Expired));
            var canceled = await ScheduleAsync(ct, new Step(Operation(1), "audit, withdrawn on a device that is off", PlannedOperation.Canceled));
            await _client.DeleteAsync($"{_path}/{canceled.Id}", ct);
            await UntilFinalAsync(expired, ct);
            await Task.WhenAny(Task.Delay(Look, stop));
        }
    }

    private Func<CancellationToken, Task> PickRound()
    {
        var pick = _random.Next(_rounds.Sum(round => round.Weight));
        return _rounds.First(round => (pick -= round.Weight) < 0).Run;
    }

    private async Task EnableAsync(CancellationToken ct)
    {
        var next = Pick(Model.Others);
        await RunAsync(ct, new Step(Operation(1), "audit", PlannedOperation.Succeeded), new Step(Operation(3, next), "enable", PlannedOperation.Succeeded));
        Model.Enabled = next;
    }

    private async Task ContradictAsync(CancellationToken ct)
    {
        var first = Pick(Model.Others);
        var second = Pick([.. Model.Others.Where(iccid => iccid != first)]);
        await RunAsync(
            ct,
            new Step(Operation(3, first), "enable, the first of two", PlannedOperation.Succeeded),
            new Step(Operation(3, second), "enable, the second of two", PlannedOperation.Contradicted));
        Model.Enabled = first;
    }

    private async Task RollBackAsync(CancellationToken ct) =>
        await RunAsync(ct, new Step(Operation(3, Model.Dead, rollback: true), "enable without a network", PlannedOperation.RolledBack));

    /// <summary>The new profile has a network, but the eIM may be dead for so long that the device goes back: the card has the last word.</summary>
    private async Task RiskRollbackAsync(CancellationToken ct)
    {
        var next = Pick(Model.Others);
        var step = new Step(Operation(3, next, rollback: true), "enable that a dead eIM may undo", PlannedOperation.Succeeded, PlannedOperation.RolledBack);
        var enable = await ScheduleAsync(ct, step);
        await UntilFinalAsync(enable, ct);
        await UntilQuietAsync(ct);
        var isEnabled = _device.Inspect().EnabledProfile == next;
        enable.Ends = [isEnabled ? PlannedOperation.Succeeded : PlannedOperation.RolledBack];
        Model.Enabled = isEnabled ? next : Model.Enabled;
    }

    private async Task RefuseAsync(CancellationToken ct) => await RunAsync(ct, _random.Next(4) switch
    {
        0 => new Step(Operation(3, Model.Unknown), "enable an unknown profile", "Failed 1001"),
        1 => new Step(Operation(3, Model.Enabled), "enable what is enabled", "Failed 1002"),
        2 => new Step(Operation(5, Model.Enabled), "delete what is enabled", "Failed 1202"),
        _ => new Step(Operation(6, Model.Dead), "disable what is not enabled", "Failed 1102"),
    });

    private async Task FallbackAttributeAsync(CancellationToken ct)
    {
        if (_random.Next(3) == 0)
        {
            await RunAsync(ct, new Step(Operation(7), "unset the fallback attribute", Model.UnsetFallback()));
            return;
        }

        var next = Pick([.. Model.All]);
        await RunAsync(ct, new Step(Operation(4, next), "set the fallback attribute", Model.SetFallback(next)));
    }

    /// <summary>A profile without a network is enabled for good: the device goes to the fallback profile and tells.</summary>
    private async Task FallBackAsync(CancellationToken ct)
    {
        if (Model.Fallback is not { } fallback || fallback == Model.Enabled)
        {
            return;
        }

        await RunAsync(ct, new Step(Operation(3, Model.Dead), "enable for good without a network", PlannedOperation.Succeeded));
        Model.Enabled = fallback;
    }

    /// <summary>Whoever comes first, the device or the cancel, decides.</summary>
    private async Task CancelAsync(CancellationToken ct)
    {
        var audit = await ScheduleAsync(ct, new Step(Operation(1), "audit, perhaps withdrawn", PlannedOperation.Succeeded, PlannedOperation.Canceled));
        var answer = await _client.DeleteAsync($"{_path}/{audit.Id}", ct);
        await UntilFinalAsync(audit, ct);

        // A repeated withdrawal finds it withdrawn, so only the status tells then.
        audit.Ends = [answer == HttpStatusCode.NoContent ? PlannedOperation.Canceled : await StatusAsync(audit.Id, ct)];
        Assert.True(audit.Ends[0] is PlannedOperation.Succeeded or PlannedOperation.Canceled, audit.Ends[0]);
    }

    private async Task LosePowerAsync(CancellationToken ct)
    {
        _device.Network.Settings = _device.Network.Settings with { PowerCut = true };
        await EnableAsync(ct);
    }

    private async Task RunAsync(CancellationToken ct, params Step[] steps)
    {
        await UntilFinalAsync(await ScheduleAsync(ct, steps), ct);
        await UntilQuietAsync(ct);
    }

    /// <summary>Schedules all of them in one request.</summary>
    /// <returns>The last.</returns>
    private async Task<PlannedOperation> ScheduleAsync(CancellationToken ct, params Step[] steps)
    {
        var created = (await _client.PostAsync(_path, new JsonArray([.. steps.Select(step => (JsonNode)step.Body)]), ct)).AsArray();
        var planned = steps.Zip(created, (step, answer) =>
            new PlannedOperation(_index, Guid.Parse(answer!["id"]!.GetValue<string>()), step.What, step.Ends) { Iccid = step.Iccid }).ToList();
        planned.ForEach(_plan.Operations.Enqueue);
        return planned[^1];
    }

    private async Task UntilFinalAsync(PlannedOperation operation, CancellationToken ct)
    {
        while (await StatusAsync(operation.Id, ct) == "Scheduled")
        {
            await Task.Delay(Look, ct);
        }
    }

    /// <summary>Waits until the eIM has acknowledged every result on the card.</summary>
    private async Task UntilQuietAsync(CancellationToken ct)
    {
        while (_device.Inspect().PendingResults > 0)
        {
            await Task.Delay(Look, ct);
        }
    }

    /// <summary>The status, and behind it the reason where it failed.</summary>
    private async Task<string> StatusAsync(Guid id, CancellationToken ct)
    {
        var operation = await _client.GetAsync($"{_path}/{id}", ct);
        return operation["status"]!["description"]!.GetValue<string>() + (operation["error"] is { } error ? $" {error["reason"]}" : "");
    }

    private Iccid Pick(IReadOnlyList<Iccid> iccids) => iccids[_random.Next(iccids.Count)];

    private static JsonObject Operation(int action, Iccid? iccid = null, bool rollback = false)
    {
        var operation = new JsonObject { ["action"] = new JsonObject { ["id"] = action } };
        if (iccid is { } present)
        {
            operation["iccid_with_luhn"] = present.ToString();
        }

        if (rollback)
        {
            operation["rollback"] = true;
        }

        return operation;
    }

    private sealed record Step(JsonObject Body, string What, params string[] Ends)
    {
        public string? Iccid { get; init; }
    }
}

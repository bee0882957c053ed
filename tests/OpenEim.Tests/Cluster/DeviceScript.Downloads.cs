using System.Text.Json.Nodes;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Tests.Cluster;

/// <summary>Profiles ordered, downloaded and deleted again.</summary>
internal sealed partial class DeviceScript
{
    /// <summary>The reasons with which a download may fail because an SM-DP+ or an eIM has died in the middle of it.</summary>
    private static readonly string[] Disturbances = ["Failed 7101", "Failed 7102", "Failed 4127"];

    /// <summary>Orders a profile and downloads it; what a dead server has spoilt is scheduled again, as an operator would.</summary>
    private async Task DownloadAsync(CancellationToken ct)
    {
        var order = new JsonObject { ["profile_type"] = Site.ProfileType, ["euicc"] = new JsonObject { ["id"] = _index + 1 } };
        var ordered = await _client.PostAsync("/api/v1/profile", order, ct);
        var iccid = ordered["iccid_with_luhn"]!.GetValue<string>();
        _plan.Ordered.Enqueue(iccid);
        var enable = _random.Next(2) == 0;
        var isThere = false;
        while (!isThere)
        {
            var body = Operation(2);
            body["activation_code"] = ordered["activation_code"]!.GetValue<string>();
            body["enable"] = enable;
            string[] ends = [PlannedOperation.Succeeded, .. Disturbances];
            var download = await ScheduleAsync(ct, new Step(body, enable ? "download and enable" : "download", ends) { Iccid = iccid });
            await UntilFinalAsync(download, ct);
            await UntilQuietAsync(ct);

            // The card says whether it is there; the operation must agree.
            isThere = _device.ReadProfilePackage(Iccid.Parse(iccid)) is not null;
            download.Ends = isThere ? [PlannedOperation.Succeeded] : Disturbances;
        }

        Model.Add(Iccid.Parse(iccid));
        Model.Enabled = enable ? Iccid.Parse(iccid) : Model.Enabled;
    }

    private async Task DeleteAsync(CancellationToken ct)
    {
        if (Model.Deletable.ToList() is { Count: > 0 } deletable)
        {
            var iccid = Pick(deletable);
            await RunAsync(ct, new Step(Operation(5, iccid), "delete", PlannedOperation.Succeeded));
            Model.Delete(iccid);
        }
    }
}

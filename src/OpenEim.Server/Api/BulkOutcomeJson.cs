using System.Text.Json.Serialization;
using OpenEim.Manager.Operations;

namespace OpenEim.Server.Api;

/// <summary>What became of an operation that was meant for many eUICCs.</summary>
internal sealed record BulkOutcomeJson(Guid Id, int TotalCount, int SuccessCount, int FailedCount, IReadOnlyList<MissedTargetJson> Error)
{
    public static BulkOutcomeJson Of(BulkOutcome outcome) =>
        new(outcome.Id, outcome.Total, outcome.Scheduled, outcome.Missed.Count, [.. outcome.Missed.Select(MissedTargetJson.Of)]);
}

/// <summary>A target on which nothing was scheduled, named as the request named it.</summary>
internal sealed record MissedTargetJson(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Eid,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EuiccIdJson? Euicc,
    string Message)
{
    public static MissedTargetJson Of(MissedTarget missed) =>
        new(missed.Target.Eid?.ToString(), missed.Target.EuiccId is { } id ? new EuiccIdJson(id) : null, missed.Reason);
}

/// <summary>The number of an eUICC alone.</summary>
internal sealed record EuiccIdJson(long Id);

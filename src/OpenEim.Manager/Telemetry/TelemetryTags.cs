using OpenEim.Manager.Downloads;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Packages;

namespace OpenEim.Manager.Telemetry;

/// <summary>The tags of measurements, made once: these are all their values.</summary>
internal static class TelemetryTags
{
    public static readonly KeyValuePair<string, object?> Arrived = new("outcome", "arrived");
    public static readonly KeyValuePair<string, object?> Failed = new("outcome", "failed");

    public static KeyValuePair<string, object?> Of(PollAnswer answer) => new("answer", answer switch
    {
        PollAnswer.Idle => "idle",
        PollAnswer.Package => "package",
        _ => "unknown",
    });

    public static KeyValuePair<string, object?> Of(ExchangeKind kind) => new("kind", kind switch
    {
        ExchangeKind.EuiccPackage => "euicc_package",
        ExchangeKind.DataRequest => "data_request",
        _ => "download_trigger",
    });

    public static KeyValuePair<string, object?> Of(OperationAction action) => new("action", action switch
    {
        OperationAction.Audit => "audit",
        OperationAction.Download => "download",
        OperationAction.Enable => "enable",
        OperationAction.SetFallback => "set_fallback",
        OperationAction.Delete => "delete",
        OperationAction.Disable => "disable",
        OperationAction.UnsetFallback => "unset_fallback",
        _ => "unknown",
    });

    public static KeyValuePair<string, object?> Of(OperationStatus status) => new("status", status switch
    {
        OperationStatus.Succeeded => "succeeded",
        OperationStatus.Failed => "failed",
        OperationStatus.Expired => "expired",
        OperationStatus.Canceled => "canceled",
        _ => "scheduled",
    });

    public static KeyValuePair<string, object?> Of(Distrust reason) => new("reason", reason switch
    {
        Distrust.OtherEim => "other_eim",
        Distrust.UnknownKey => "unknown_key",
        Distrust.Signature => "signature",
        Distrust.Counter => "counter",
        Distrust.Certificate => "certificate",
        _ => "content",
    });

    /// <summary>How a call to an SM-DP+ ended.</summary>
    public static KeyValuePair<string, object?> OutcomeOf(SmdpTrouble? trouble, bool isExecuted) => new("outcome", trouble switch
    {
        SmdpTrouble.Unreachable => "unreachable",
        SmdpTrouble.TimedOut => "timed_out",
        SmdpTrouble.NotTrusted => "not_trusted",
        SmdpTrouble.Malformed => "malformed",
        SmdpTrouble.OutOfReach => "out_of_reach",
        _ => isExecuted ? "executed" : "refused",
    });
}

namespace OpenEim.Manager.Operations;

/// <summary>The tags of measurements of operations: these are all their values.</summary>
internal static class OperationTags
{
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
}

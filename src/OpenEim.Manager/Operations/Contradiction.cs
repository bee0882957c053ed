
namespace OpenEim.Manager.Operations;

/// <summary>The contract's rule: of two operations that contradict each other the first scheduled wins.</summary>
internal static class Contradiction
{
    /// <summary>Why <paramref name="later"/> must not run now that <paramref name="winner"/> has succeeded; null when it may.</summary>
    public static string? Between(OperationRow winner, OperationRow later)
    {
        var enabled = Enables(winner);
        if (enabled is not null && IsEnabling(later) && later.Iccid != enabled)
        {
            return $"it enabled profile {enabled}";
        }

        if (later.Action == OperationAction.Delete && later.Iccid is { } deleted)
        {
            if (deleted == enabled)
            {
                return $"it enabled profile {deleted}, which this operation would delete";
            }

            if (winner.Action == OperationAction.SetFallback && winner.Iccid == deleted)
            {
                return $"it made profile {deleted} the fallback, which this operation would delete";
            }
        }

        return winner.Action == OperationAction.Delete
            && later.Action is OperationAction.Enable or OperationAction.SetFallback
            && winner.Iccid == later.Iccid
            ? $"it deleted profile {winner.Iccid}"
            : null;
    }

    private static string? Enables(OperationRow operation) =>
        IsEnabling(operation) ? operation.Iccid : null;

    // Which profile a download will bring is not known before; it is another one than those that were enabled meanwhile.
    private static bool IsEnabling(OperationRow operation) =>
        operation.Action == OperationAction.Enable || (operation.Action == OperationAction.Download && operation.Enable);
}

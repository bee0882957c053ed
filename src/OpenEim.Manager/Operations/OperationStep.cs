
namespace OpenEim.Manager.Operations;

/// <summary>Steps that operations of every kind may come to, as they stand in their column <c>step</c>. The first ones are each action's own.</summary>
internal static class OperationStep
{
    /// <summary>Its package has run and the result is lost: the signed profile list is awaited.</summary>
    public const int ListAwaited = 10;

    /// <summary>The profile list has been read since then, and tells how the operation ends.</summary>
    public const int ListRead = 11;
}

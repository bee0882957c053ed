using OpenEim.Storage;

namespace OpenEim.Smdp.Orders;

/// <summary>Reads a profile with its order, locked, and something more.</summary>
/// <remarks>
/// What is read besides is not locked: after a wait on PostgreSQL it is as it was before. So it is only something of which a unique key
/// keeps two from being written, when the write runs again, or that may be a moment old.
/// </remarks>
/// <typeparam name="T">The order's row with properties for what is read besides.</typeparam>
/// <param name="besides">Columns: subqueries about the profile <c>p</c>, its order <c>o</c> and the parameters.</param>
internal sealed class OrderQuery<T>(string besides)
    where T : OrderRow
{
    /// <summary>Locks both in one statement; finds nothing where there is no order, which cannot be locked.</summary>
    public LockingQuery Ordered { get; } = new(
        $"SELECT {OrderStore.Columns}, {besides} FROM profile p JOIN download_order o ON o.iccid = p.iccid WHERE p.iccid = @iccid", "p, o");

    /// <summary>With or without an order, after the profile is locked.</summary>
    public string Any { get; } = $"SELECT {OrderStore.Columns}, {besides} {OrderStore.From}";
}

namespace OpenEim.Storage;

/// <summary>A hot statement that reads one row by a binary key: make one per statement and keep it in a static field.</summary>
/// <param name="table">The table, and what is joined to it.</param>
/// <param name="key">The column that identifies the row.</param>
/// <param name="columns">What is read, separated by commas; <paramref name="map"/> counts them from 0.</param>
/// <param name="map">Copies what it needs out of the row.</param>
public sealed class RowByKey<T>(string table, string key, string columns, RowMap<T> map)
    where T : struct
{
    /// <summary>The statement's slot in each connection's cache of prepared commands.</summary>
    internal int Slot { get; } = HotStatements.NextSlot();

    /// <summary>Its parameter is <c>@key</c>.</summary>
    internal string OneRow { get; } = $"SELECT {columns} FROM {table} WHERE {key} = @key";

    /// <summary>The rows of many keys: the key comes first, then the columns. Its parameter is an array.</summary>
    internal string ManyRows { get; } = $"SELECT {key}, {columns} FROM {table} WHERE {key} = ANY($1)";

    internal RowMap<T> Map { get; } = map;
}

internal static class HotStatements
{
    private static int _count;

    public static int NextSlot() => Interlocked.Increment(ref _count) - 1;
}

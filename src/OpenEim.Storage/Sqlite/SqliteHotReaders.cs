namespace OpenEim.Storage.Sqlite;

/// <summary>A hot reader for each processor, so that one-row reads seldom wait for each other.</summary>
internal sealed class SqliteHotReaders(SqliteFile file) : IDisposable
{
    private readonly SqliteHotReader[] _readers = [.. Enumerable.Range(0, Math.Min(8, Environment.ProcessorCount)).Select(_ => new SqliteHotReader(file))];

    public T? ReadRow<T>(RowByKey<T> statement, ReadOnlySpan<byte> key)
        where T : struct => _readers[Thread.GetCurrentProcessorId() % _readers.Length].ReadRow(statement, key);

    /// <summary>Lets the next reads see what is committed by now, and the log be folded into the file.</summary>
    public void EndSnapshots() => Array.ForEach(_readers, reader => reader.EndSnapshot());

    public void Dispose() => Array.ForEach(_readers, reader => reader.Dispose());
}

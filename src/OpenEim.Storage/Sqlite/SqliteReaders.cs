namespace OpenEim.Storage.Sqlite;

/// <summary>Reader connections that stay open between uses, with their prepared statements.</summary>
internal sealed class SqliteReaders(SqliteFile file, int max, TimeSpan limit) : IDisposable
{
    private readonly SqliteReader?[] _idle = new SqliteReader?[max];
    private readonly SemaphoreSlim _turns = new(max, max);
    private volatile bool _disposed;

    /// <summary>Bounds the connections that are open at the same time.</summary>
    public Task WaitForTurnAsync(CancellationToken ct) => _turns.WaitAsync(ct);

    public void EndTurn() => _turns.Release();

    public SqliteReader Rent()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(Database));
        for (var i = 0; i < _idle.Length; i++)
        {
            if (Volatile.Read(ref _idle[i]) is not null && Interlocked.Exchange(ref _idle[i], null) is { } reader)
            {
                return reader;
            }
        }

        return new SqliteReader(file.OpenReader(), limit);
    }

    public void Return(SqliteReader reader)
    {
        for (var i = 0; i < _idle.Length && !_disposed; i++)
        {
            if (Interlocked.CompareExchange(ref _idle[i], reader, null) is null)
            {
                if (_disposed)
                {
                    CloseIdle(); // disposal may have passed this slot before it was filled
                }

                return;
            }
        }

        reader.Dispose();
    }

    public void Dispose()
    {
        _disposed = true;
        CloseIdle();
    }

    private void CloseIdle()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
        }
    }
}

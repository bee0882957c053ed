using Microsoft.Data.Sqlite;

namespace OpenEim.Storage.Sqlite;

/// <summary>The connection of the one-row reads. Its snapshot lasts until the next commit.</summary>
/// <remarks>
/// A read of its own takes and gives back locks in the file, which cost more than the read and which readers queue for. The writer ends
/// the snapshot after each commit and before it tells anybody of it, so that whoever reads afterwards sees what was committed. What
/// another process writes is seen after this process's next commit.
/// </remarks>
internal sealed class SqliteHotReader(SqliteFile file) : IDisposable
{
    private readonly Lock _gate = new();
    private HotStatement?[] _statements = [];
    private SqliteConnection? _connection;
    private SqliteTransaction? _snapshot;
    private bool _disposed;

    public T? ReadRow<T>(RowByKey<T> statement, ReadOnlySpan<byte> key)
        where T : struct
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Database));
            _connection ??= file.OpenHotReader(); // not all are needed, and none for the start
            _snapshot ??= _connection.BeginTransaction(deferred: true);
            try
            {
                return Prepared(_connection, statement.Slot, statement.OneRow).Read(key, statement.Map);
            }
            catch (SqliteException)
            {
                EndSnapshot();
                throw;
            }
        }
    }

    /// <summary>Lets the next read see what is committed by now, and the log be folded into the file.</summary>
    public void EndSnapshot()
    {
        lock (_gate)
        {
            _snapshot?.Dispose();
            _snapshot = null;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            EndSnapshot();
            foreach (var statement in _statements)
            {
                statement?.Dispose();
            }

            _statements = [];
            _connection?.Dispose();
        }
    }

    private HotStatement Prepared(SqliteConnection connection, int slot, string sql)
    {
        if (slot >= _statements.Length)
        {
            Array.Resize(ref _statements, slot + 1);
        }

        return _statements[slot] ??= new HotStatement(connection.Handle!, sql);
    }
}

using System.Data;
using Microsoft.Data.Sqlite;

namespace OpenEim.Storage.Sqlite;

/// <summary>One reader connection, used by one caller at a time.</summary>
internal sealed class SqliteReader(SqliteConnection connection) : IDisposable
{
    private HotCommand?[] _hot = [];

    public async ValueTask<T> ReadAsync<T>(Func<DbSession, ValueTask<T>> read)
    {
        // Deferred: takes no lock, and gives all queries of one read the same snapshot.
        await using var transaction = connection.BeginTransaction(deferred: true);
        return await read(new DbSession(connection, transaction)).ConfigureAwait(false);
    }

    public T? ReadRow<T>(RowByKey<T> statement, ReadOnlySpan<byte> key)
        where T : struct
    {
        var hot = statement.Slot < _hot.Length && _hot[statement.Slot] is { } known ? known : Prepare(statement);
        using var row = hot.Execute(key);
        return row.Read() ? statement.Map(row) : null;
    }

    public void Dispose()
    {
        foreach (var hot in _hot)
        {
            hot?.Dispose();
        }

        connection.Dispose();
    }

    private HotCommand Prepare<T>(RowByKey<T> statement)
        where T : struct
    {
        if (statement.Slot >= _hot.Length)
        {
            Array.Resize(ref _hot, statement.Slot + 1);
        }

        return _hot[statement.Slot] = new HotCommand(connection, statement.Sql);
    }

    /// <summary>A prepared command with one key, whose buffer is used again.</summary>
    private sealed class HotCommand : IDisposable
    {
        private readonly SqliteCommand _command;
        private readonly SqliteParameter _key;
        private byte[] _buffer = [];

        public HotCommand(SqliteConnection connection, string sql)
        {
            _command = connection.CreateCommand();
            _command.CommandText = sql;
            _key = _command.Parameters.Add("@key", SqliteType.Blob);
            _key.Value = _buffer;
            _command.Prepare();
        }

        public SqliteDataReader Execute(ReadOnlySpan<byte> key)
        {
            if (_buffer.Length != key.Length)
            {
                _key.Value = _buffer = new byte[key.Length];
            }

            key.CopyTo(_buffer);
            return _command.ExecuteReader(CommandBehavior.SingleRow);
        }

        public void Dispose() => _command.Dispose();
    }
}

using Npgsql;
using NpgsqlTypes;

namespace OpenEim.Storage.Postgres;

/// <summary>Answers many one-row reads with one query: what arrives while a query is under way goes together into the next.</summary>
/// <remarks>
/// An exchange with PostgreSQL costs far more than the row, so its cost is shared; alone, a read waits for nobody. Each read begins
/// after it was asked for, so it sees what was committed before.
/// </remarks>
/// <param name="connections">Where the queries run.</param>
/// <param name="explain">Turns what broke a query into what a caller is told; called for each of them.</param>
internal sealed class PostgresHotRows(NpgsqlDataSource connections, Func<Exception, Exception> explain) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private HotQueue?[] _queues = [];

    public ValueTask<T?> ReadRowAsync<T>(RowByKey<T> statement, ReadOnlyMemory<byte> key)
        where T : struct => QueueOf(statement).ReadAsync(key);

    public async ValueTask DisposeAsync()
    {
        foreach (var queue in _queues)
        {
            if (queue is not null)
            {
                await queue.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private HotQueue<T> QueueOf<T>(RowByKey<T> statement)
        where T : struct
    {
        var queues = Volatile.Read(ref _queues);
        if (statement.Slot < queues.Length && queues[statement.Slot] is { } known)
        {
            return (HotQueue<T>)known;
        }

        lock (_gate)
        {
            if (statement.Slot >= _queues.Length)
            {
                var larger = new HotQueue?[statement.Slot + 1];
                _queues.CopyTo(larger, 0);
                _queues = larger;
            }

            if (_queues[statement.Slot] is null && _queues.Count(queue => queue is not null) == PostgresSettings.HotReaders)
            {
                throw new InvalidOperationException($"A process has more than {PostgresSettings.HotReaders} statements that read rows by their keys.");
            }

            return (HotQueue<T>)(_queues[statement.Slot] ??= new HotQueue<T>(connections, statement, explain));
        }
    }

    private abstract class HotQueue : IAsyncDisposable
    {
        public abstract ValueTask DisposeAsync();
    }

    private sealed class HotQueue<T>(NpgsqlDataSource connections, RowByKey<T> statement, Func<Exception, Exception> explain)
        : HotQueue
        where T : struct
    {
        private const int MaxBatch = 512;

        private readonly Lock _gate = new();
        private readonly Queue<Request> _waiting = new();
        private Query? _idle;
        private bool _isRunning;
        private bool _disposed;

        public ValueTask<T?> ReadAsync(ReadOnlyMemory<byte> key)
        {
            var request = new Request(key.ToArray());
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, typeof(Database));
                _waiting.Enqueue(request);
                if (_isRunning)
                {
                    return new ValueTask<T?>(request.Task);
                }

                _isRunning = true;
            }

            _ = RunAsync();
            return new ValueTask<T?>(request.Task);
        }

        public override async ValueTask DisposeAsync()
        {
            lock (_gate)
            {
                _disposed = true;
            }

            // Those under way close their own connections.
            if (TakeIdle() is { } query)
            {
                await query.DisposeAsync().ConfigureAwait(false);
            }
        }

        /// <summary>Runs queries as long as reads wait.</summary>
        private async Task RunAsync()
        {
            var query = TakeIdle() ?? new Query(connections, statement);
            var batch = new List<Request>();
            while (TryTake(batch, query))
            {
                try
                {
                    await query.RunAsync(batch).ConfigureAwait(false);
                }
#pragma warning disable CA1031 // Whatever broke the query is handed to everybody who waits for it; the connection is made anew.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    await query.DisposeAsync().ConfigureAwait(false);
                    query = new Query(connections, statement);
                    batch.ForEach(request => request.TrySetException(explain(e)));
                }

                batch.Clear();
            }

            if (Volatile.Read(ref _disposed) && TakeIdle() is { } last)
            {
                await last.DisposeAsync().ConfigureAwait(false);
            }
        }

        private Query? TakeIdle()
        {
            lock (_gate)
            {
                var query = _idle;
                _idle = null;
                return query;
            }
        }

        /// <summary>What waits; when nothing does, the query is put by for the next read in the same moment, so that there is never a second one.</summary>
        private bool TryTake(List<Request> batch, Query query)
        {
            lock (_gate)
            {
                while (batch.Count < MaxBatch && _waiting.TryDequeue(out var request))
                {
                    batch.Add(request);
                }

                if (batch.Count == 0)
                {
                    _isRunning = false;
                    _idle = query;
                }

                return batch.Count > 0;
            }
        }

        private sealed class Request(byte[] key) : TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            public byte[] Key => key;
        }

        /// <summary>The prepared statement on a connection of its own.</summary>
        private sealed class Query(NpgsqlDataSource connections, RowByKey<T> statement) : IAsyncDisposable
        {
            private readonly Dictionary<byte[], T> _found = new(KeyComparer.Instance);
            private NpgsqlConnection? _connection;
            private NpgsqlCommand? _command;

            public async Task RunAsync(List<Request> batch)
            {
                var command = _command ?? await PrepareAsync().ConfigureAwait(false);
                var keys = new byte[batch.Count][];
                for (var i = 0; i < keys.Length; i++)
                {
                    keys[i] = batch[i].Key;
                }

                command.Parameters[0].Value = keys;
                _found.Clear();
                var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.ReadAsync().ConfigureAwait(false))
                    {
                        _found[reader.GetFieldValue<byte[]>(0)] = statement.Map(new KeyedRow(reader));
                    }
                }

                foreach (var request in batch)
                {
                    request.TrySetResult(_found.TryGetValue(request.Key, out var row) ? row : null);
                }
            }

            public async ValueTask DisposeAsync()
            {
                if (_command is not null)
                {
                    await _command.DisposeAsync().ConfigureAwait(false);
                }

                if (_connection is not null)
                {
                    await _connection.DisposeAsync().ConfigureAwait(false);
                }
            }

            private async Task<NpgsqlCommand> PrepareAsync()
            {
                _connection = await connections.OpenConnectionAsync().ConfigureAwait(false);
                var command = _connection.CreateCommand();
                command.CommandText = statement.ManyRows;
                command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
                await command.PrepareAsync().ConfigureAwait(false);
                return _command = command;
            }
        }
    }
}

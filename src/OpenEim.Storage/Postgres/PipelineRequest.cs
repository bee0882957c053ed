using System.Data.Common;
using System.Globalization;
using Dapper;
using Npgsql;

namespace OpenEim.Storage.Postgres;

/// <summary>What one write waits for.</summary>
internal abstract class PipelineRequest
{
    // Whoever waits goes on at once, in the round that answers: that is how the pipeline knows what is asked next.
    private readonly TaskCompletionSource _answered = new();

    public Task Answered => _answered.Task;

    /// <summary>The query that leaves together with those of others, or null.</summary>
    public virtual NpgsqlBatchCommand? Query => null;

    /// <summary>A query that leaves before it, whose rows are passed over, or null.</summary>
    public virtual NpgsqlBatchCommand? Before => null;

    /// <summary>Reads the query's answer.</summary>
    public virtual Task ReadAsync(NpgsqlDataReader reader) => Task.CompletedTask;

    /// <summary>Does what cannot leave together with others.</summary>
    public virtual Task RunAloneAsync(NpgsqlConnection connection, NpgsqlTransaction transaction) => Task.CompletedTask;

    public void Complete() => _answered.SetResult();

    public void Fail(Exception exception) => _answered.SetException(exception);
}

/// <summary>Waits until what was sent has been done.</summary>
internal sealed class FlushRequest : PipelineRequest;

/// <summary>Rows.</summary>
internal sealed class QueryRequest<T>(NpgsqlBatchCommand query, int atMost, NpgsqlBatchCommand? before = null) : PipelineRequest
{
    public List<T> Rows { get; } = [];

    public override NpgsqlBatchCommand? Before => before;

    public override NpgsqlBatchCommand Query => query;

    public override async Task ReadAsync(NpgsqlDataReader reader)
    {
        Func<DbDataReader, object?>? map = null;
        while (Rows.Count < atMost && await reader.ReadAsync().ConfigureAwait(false))
        {
            map ??= reader.GetRowParser(typeof(T));
            Rows.Add(map(reader) is { } row ? (T)row : default!);
        }
    }
}

/// <summary>The first value, as the type asked for.</summary>
internal sealed class ScalarRequest<T>(NpgsqlBatchCommand query) : PipelineRequest
{
    private static readonly Type Wanted = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);

    public T? Value { get; private set; }

    public override NpgsqlBatchCommand Query => query;

    public override async Task ReadAsync(NpgsqlDataReader reader)
    {
        if (await reader.ReadAsync().ConfigureAwait(false) && reader.GetValue(0) is var value and not DBNull)
        {
            Value = value is T same ? same
                : Wanted.IsEnum ? (T)Enum.ToObject(Wanted, value)
                : (T)Convert.ChangeType(value, Wanted, CultureInfo.InvariantCulture);
        }
    }
}

/// <summary>A statement, and how many rows it changed.</summary>
internal sealed class ChangeRequest(NpgsqlBatchCommand statement) : PipelineRequest
{
    public int Changed { get; private set; }

    public override async Task RunAloneAsync(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { statement } };
        await using (batch.ConfigureAwait(false))
        {
            Changed = await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>Many rows.</summary>
internal sealed class CopyRequest<T>(BulkInsert<T> insert, IEnumerable<T> rows) : PipelineRequest
{
    public override async Task RunAloneAsync(NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        await PostgresBulk.CopyAsync(connection, insert, rows).ConfigureAwait(false);
}

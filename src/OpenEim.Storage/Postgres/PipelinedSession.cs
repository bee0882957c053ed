using Npgsql;

namespace OpenEim.Storage.Postgres;

/// <summary>
/// One write's statements inside a <see cref="Pipeline"/>: those that answer nothing wait, and leave with the next that answers or
/// with the commit.
/// </summary>
internal sealed class PipelinedSession(Pipeline pipeline) : DbSession(DbEngine.Postgres)
{
    private const int MaxSent = 2048; // statements that leave together
    private const int FewRows = 16; // up to here, COPY costs more than it saves

    private readonly List<NpgsqlBatchCommand> _unsent = [];

    /// <summary>Whether anything of this write may already have changed the database: then it is undone only with the whole transaction.</summary>
    public bool HasWritten { get; private set; }

    /// <summary>What is still to be sent; the caller sends it.</summary>
    public IReadOnlyList<NpgsqlBatchCommand> TakeUnsent()
    {
        NpgsqlBatchCommand[] unsent = [.. _unsent];
        _unsent.Clear();
        HasWritten |= unsent.Length > 0;
        return unsent;
    }

    public override async ValueTask<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        await AskAsync<T>(sql, parameters, int.MaxValue).ConfigureAwait(false);

    public override async ValueTask<T?> QueryFirstOrDefaultAsync<T>(string sql, object? parameters = null)
        where T : default => await AskAsync<T>(sql, parameters, 1).ConfigureAwait(false) is [var first, ..] ? first : default;

    public override async ValueTask<T?> LockAndQueryAsync<T>(LockingQuery first, string sql, object? parameters = null)
        where T : default
    {
        ArgumentNullException.ThrowIfNull(first);
        var query = new QueryRequest<T>(StatementParameters.Bind(sql, parameters), 1, StatementParameters.Bind(first.TextFor(Engine), parameters));
        await AskAsync(sql, query).ConfigureAwait(false);
        return query.Rows is [var found, ..] ? found : default;
    }

    public override async ValueTask<T?> ExecuteScalarAsync<T>(string sql, object? parameters = null)
        where T : default
    {
        var scalar = new ScalarRequest<T>(StatementParameters.Bind(sql, parameters));
        await AskAsync(sql, scalar).ConfigureAwait(false);
        return scalar.Value;
    }

    public override async ValueTask<int> ExecuteAsync(string sql, object? parameters = null)
    {
        var changed = 0;
        foreach (var each in StatementParameters.AreMany(parameters, out var many) ? many : new[] { parameters })
        {
            var change = new ChangeRequest(StatementParameters.Bind(sql, each));
            HasWritten = true;
            await pipeline.AskAsync(this, change).ConfigureAwait(false);
            changed += change.Changed;
        }

        return changed;
    }

    public override async ValueTask SendAsync(string sql, object? parameters = null)
    {
        _unsent.Add(StatementParameters.Bind(sql, parameters));
        if (_unsent.Count >= MaxSent)
        {
            await pipeline.AskAsync(this, new FlushRequest()).ConfigureAwait(false);
        }
    }

    public override async ValueTask InsertAsync<T>(BulkInsert<T> insert, IEnumerable<T> rows)
    {
        ArgumentNullException.ThrowIfNull(insert);
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.TryGetNonEnumeratedCount(out var count) && count <= FewRows)
        {
            _unsent.AddRange(rows.Select(row => PostgresBulk.Bind(insert.Insert, insert.Columns, row)));
            return;
        }

        HasWritten = true;
        await pipeline.AskAsync(this, new CopyRequest<T>(insert, rows)).ConfigureAwait(false);
    }

    public override ValueTask UpsertAsync<T>(BulkUpsert<T> upsert, IReadOnlyList<T> rows)
    {
        ArgumentNullException.ThrowIfNull(upsert);
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count > 0)
        {
            _unsent.Add(PostgresBulk.BindAll(upsert.ManyRows, upsert.Columns, rows));
        }

        return ValueTask.CompletedTask;
    }

    private async ValueTask<List<T>> AskAsync<T>(string sql, object? parameters, int atMost)
    {
        var query = new QueryRequest<T>(StatementParameters.Bind(sql, parameters), atMost);
        await AskAsync(sql, query).ConfigureAwait(false);
        return query.Rows;
    }

    private Task AskAsync(string sql, PipelineRequest request)
    {
        // An INSERT … RETURNING answers too.
        HasWritten |= !sql.AsSpan().TrimStart().StartsWith("SELECT", StringComparison.OrdinalIgnoreCase);
        return pipeline.AskAsync(this, request);
    }
}

using System.Data.Common;
using Dapper;
using OpenEim.Storage.Sqlite;

namespace OpenEim.Storage;

/// <summary>Each statement runs when it is asked for: all sessions of SQLite, and those of PostgreSQL that only read.</summary>
internal sealed class DirectSession(DbEngine engine, DbConnection connection, DbTransaction? transaction) : DbSession(engine)
{
    /// <summary>The transaction to pass along with every command.</summary>
    public DbTransaction? Transaction { get; set; } = transaction;

    public override async ValueTask<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null)
    {
        var rows = await connection.QueryAsync<T>(sql, parameters, Transaction).ConfigureAwait(false);
        return rows.AsList();
    }

    public override async ValueTask<T?> QueryFirstOrDefaultAsync<T>(string sql, object? parameters = null)
        where T : default => await connection.QueryFirstOrDefaultAsync<T>(sql, parameters, Transaction).ConfigureAwait(false);

    public override async ValueTask<T?> LockAndQueryAsync<T>(LockingQuery first, string sql, object? parameters = null)
        where T : default
    {
        ArgumentNullException.ThrowIfNull(first);

        // SQLite's one writer has locked all there is.
        if (Engine == DbEngine.Postgres)
        {
            await QueryAsync<object>(first, parameters).ConfigureAwait(false);
        }

        return await QueryFirstOrDefaultAsync<T>(sql, parameters).ConfigureAwait(false);
    }

    public override async ValueTask<T?> ExecuteScalarAsync<T>(string sql, object? parameters = null)
        where T : default => await connection.ExecuteScalarAsync<T>(sql, parameters, Transaction).ConfigureAwait(false);

    public override async ValueTask<int> ExecuteAsync(string sql, object? parameters = null) =>
        await connection.ExecuteAsync(sql, parameters, Transaction).ConfigureAwait(false);

    public override async ValueTask SendAsync(string sql, object? parameters = null) =>
        await connection.ExecuteAsync(sql, parameters, Transaction).ConfigureAwait(false);

    public override ValueTask InsertAsync<T>(BulkInsert<T> insert, IEnumerable<T> rows)
    {
        ArgumentNullException.ThrowIfNull(insert);
        ArgumentNullException.ThrowIfNull(rows);
        RunBulk(insert.Insert, insert.Columns, rows);
        return ValueTask.CompletedTask;
    }

    public override ValueTask UpsertAsync<T>(BulkUpsert<T> upsert, IReadOnlyList<T> rows)
    {
        ArgumentNullException.ThrowIfNull(upsert);
        ArgumentNullException.ThrowIfNull(rows);
        RunBulk(upsert.OneRow, upsert.Columns, rows);
        return ValueTask.CompletedTask;
    }

    private void RunBulk<T>(string sql, IReadOnlyList<BulkColumn<T>> columns, IEnumerable<T> rows)
    {
        if (connection is not PreparingConnection sqlite)
        {
            throw new InvalidOperationException("A session that only reads was asked to write.");
        }

        sqlite.Bulk(sql).Run(columns, rows);
    }
}

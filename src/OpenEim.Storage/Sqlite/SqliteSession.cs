using System.Data.Common;
using Dapper;

namespace OpenEim.Storage.Sqlite;

/// <summary>Each statement runs when it is asked for, on the caller's thread: SQLite has nothing to wait for, so nothing here is asynchronous.</summary>
internal sealed class SqliteSession(PreparingConnection connection, DbTransaction? transaction) : DbSession(DbEngine.Sqlite)
{
    /// <summary>The transaction to pass along with every command.</summary>
    public DbTransaction? Transaction { get; set; } = transaction;

    public override ValueTask<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        new(connection.Query<T>(sql, parameters, Transaction).AsList());

    public override ValueTask<T?> QueryFirstOrDefaultAsync<T>(string sql, object? parameters = null)
        where T : default => new(connection.QueryFirstOrDefault<T>(sql, parameters, Transaction));

    /// <summary>The one writer has locked all there is.</summary>
    public override ValueTask<T?> LockAndQueryAsync<T>(LockingQuery first, string sql, object? parameters = null)
        where T : default => QueryFirstOrDefaultAsync<T>(sql, parameters);

    public override ValueTask<T?> ExecuteScalarAsync<T>(string sql, object? parameters = null)
        where T : default => new(connection.ExecuteScalar<T>(sql, parameters, Transaction));

    public override ValueTask<int> ExecuteAsync(string sql, object? parameters = null) => new(connection.Execute(sql, parameters, Transaction));

    public override ValueTask SendAsync(string sql, object? parameters = null)
    {
        connection.Execute(sql, parameters, Transaction);
        return ValueTask.CompletedTask;
    }

    public override ValueTask InsertAsync<T>(BulkInsert<T> insert, IEnumerable<T> rows)
    {
        ArgumentNullException.ThrowIfNull(insert);
        ArgumentNullException.ThrowIfNull(rows);
        connection.Bulk(insert.Insert).Run(insert.Columns, rows);
        return ValueTask.CompletedTask;
    }

    public override ValueTask UpsertAsync<T>(BulkUpsert<T> upsert, IReadOnlyList<T> rows)
    {
        ArgumentNullException.ThrowIfNull(upsert);
        ArgumentNullException.ThrowIfNull(rows);
        connection.Bulk(upsert.OneRow).Run(upsert.Columns, rows);
        return ValueTask.CompletedTask;
    }
}

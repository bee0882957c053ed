using System.Data.Common;
using Dapper;

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
        return Sqlite.SqliteBulk.ExecuteAsync(connection, Transaction, insert.Insert, insert.Columns, rows);
    }

    public override ValueTask ExecuteAsync<T>(BulkStatement<T> statement, IEnumerable<T> rows)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(rows);
        return Sqlite.SqliteBulk.ExecuteAsync(connection, Transaction, statement.Sql, statement.Columns, rows);
    }
}

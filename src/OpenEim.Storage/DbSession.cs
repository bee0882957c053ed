using System.Data.Common;
using Dapper;
using Npgsql;

namespace OpenEim.Storage;

/// <summary>One connection, lent to one read or one write; valid only until that ends.</summary>
/// <remarks>
/// Rows are mapped by name: column <c>pending_count</c> fills property <c>PendingCount</c>.
/// Both engines return 64-bit integers for all whole numbers, so row types declare settable (<c>init</c>) properties,
/// which convert, or positional parameters of type <c>long</c>, which must match exactly.
/// One statement for each call: SQLite's driver loses errors of what follows a statement that returned rows.
/// </remarks>
public sealed class DbSession
{
    internal DbSession(DbEngine engine, DbConnection connection, DbTransaction? transaction)
    {
        Engine = engine;
        Connection = connection;
        Transaction = transaction;
    }

    /// <summary>Whose dialect is spoken.</summary>
    public DbEngine Engine { get; }

    /// <summary>The connection, for what the helpers below do not offer.</summary>
    public DbConnection Connection { get; }

    /// <summary>The transaction to pass along with every command.</summary>
    public DbTransaction? Transaction { get; internal set; }

    /// <summary>The condition that a column has one of the values of a list parameter.</summary>
    /// <param name="column">The column.</param>
    /// <param name="parameter">The list's name, without <c>@</c>.</param>
    public string IsOneOf(string column, string parameter) =>
        Engine == DbEngine.Postgres ? $"{column} = ANY(@{parameter})" : $"{column} IN @{parameter}";

    /// <summary>All rows.</summary>
    public async ValueTask<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null)
    {
        var rows = await Connection.QueryAsync<T>(sql, parameters, Transaction).ConfigureAwait(false);
        return rows.AsList();
    }

    /// <summary>All rows, locked until the write ends.</summary>
    public ValueTask<IReadOnlyList<T>> QueryAsync<T>(LockingQuery query, object? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        return QueryAsync<T>(query.TextFor(Engine), parameters);
    }

    /// <summary>The first row, or the type's default.</summary>
    public async ValueTask<T?> QueryFirstOrDefaultAsync<T>(string sql, object? parameters = null) =>
        await Connection.QueryFirstOrDefaultAsync<T>(sql, parameters, Transaction).ConfigureAwait(false);

    /// <summary>The first row, locked until the write ends, or the type's default.</summary>
    public ValueTask<T?> QueryFirstOrDefaultAsync<T>(LockingQuery query, object? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        return QueryFirstOrDefaultAsync<T>(query.TextFor(Engine), parameters);
    }

    /// <summary>The first column of the first row, or the type's default.</summary>
    public async ValueTask<T?> ExecuteScalarAsync<T>(string sql, object? parameters = null) =>
        await Connection.ExecuteScalarAsync<T>(sql, parameters, Transaction).ConfigureAwait(false);

    /// <summary>Runs a statement, once for each element when the parameters are a collection.</summary>
    /// <returns>The number of rows changed.</returns>
    public async ValueTask<int> ExecuteAsync(string sql, object? parameters = null) =>
        await Connection.ExecuteAsync(sql, parameters, Transaction).ConfigureAwait(false);

    /// <summary>Inserts all rows.</summary>
    public async ValueTask InsertAsync<T>(BulkInsert<T> insert, IEnumerable<T> rows)
    {
        ArgumentNullException.ThrowIfNull(insert);
        ArgumentNullException.ThrowIfNull(rows);
        if (Connection is NpgsqlConnection postgres)
        {
            await Postgres.PostgresBulk.CopyAsync(postgres, insert, rows).ConfigureAwait(false);
        }
        else
        {
            await Sqlite.SqliteBulk.ExecuteAsync(Connection, Transaction, insert.Insert, insert.Columns, rows).ConfigureAwait(false);
        }
    }

    /// <summary>Runs the statement for each row. Sort rows that others write too, or two batches may each wait for the other.</summary>
    public async ValueTask ExecuteAsync<T>(BulkStatement<T> statement, IEnumerable<T> rows)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(rows);
        if (Connection is NpgsqlConnection postgres)
        {
            await Postgres.PostgresBulk.ExecuteAsync(postgres, (NpgsqlTransaction?)Transaction, statement, rows).ConfigureAwait(false);
        }
        else
        {
            await Sqlite.SqliteBulk.ExecuteAsync(Connection, Transaction, statement.Sql, statement.Columns, rows).ConfigureAwait(false);
        }
    }
}

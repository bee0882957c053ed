using System.Data.Common;
using Dapper;

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
    internal DbSession(DbConnection connection, DbTransaction? transaction)
    {
        Connection = connection;
        Transaction = transaction;
    }

    /// <summary>The connection, for what the helpers below do not offer.</summary>
    public DbConnection Connection { get; }

    /// <summary>The transaction to pass along with every command.</summary>
    public DbTransaction? Transaction { get; internal set; }

    /// <summary>All rows.</summary>
    public async ValueTask<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null)
    {
        var rows = await Connection.QueryAsync<T>(sql, parameters, Transaction).ConfigureAwait(false);
        return rows.AsList();
    }

    /// <summary>The first row, or the type's default.</summary>
    public async ValueTask<T?> QueryFirstOrDefaultAsync<T>(string sql, object? parameters = null) =>
        await Connection.QueryFirstOrDefaultAsync<T>(sql, parameters, Transaction).ConfigureAwait(false);

    /// <summary>The first column of the first row, or the type's default.</summary>
    public async ValueTask<T?> ExecuteScalarAsync<T>(string sql, object? parameters = null) =>
        await Connection.ExecuteScalarAsync<T>(sql, parameters, Transaction).ConfigureAwait(false);

    /// <summary>Runs a statement, once for each element when the parameters are a collection.</summary>
    /// <returns>The number of rows changed.</returns>
    public async ValueTask<int> ExecuteAsync(string sql, object? parameters = null) =>
        await Connection.ExecuteAsync(sql, parameters, Transaction).ConfigureAwait(false);
}

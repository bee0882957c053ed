namespace OpenEim.Storage;

/// <summary>One transaction, lent to one read or one write; valid only until that ends.</summary>
/// <remarks>
/// Rows are mapped by name: column <c>pending_count</c> fills property <c>PendingCount</c>.
/// Both engines return 64-bit integers for all whole numbers, so row types declare settable (<c>init</c>) properties,
/// which convert, or positional parameters of type <c>long</c>, which must match exactly.
/// One statement for each call: SQLite's driver loses errors of what follows a statement that returned rows.
/// One call at a time: await it before the next.
/// </remarks>
public abstract class DbSession
{
    private protected DbSession(DbEngine engine) => Engine = engine;

    /// <summary>Whose dialect is spoken.</summary>
    public DbEngine Engine { get; }

    /// <summary>The condition that a column has one of the values of a list parameter.</summary>
    /// <param name="column">The column.</param>
    /// <param name="parameter">The list's name, without <c>@</c>.</param>
    public string IsOneOf(string column, string parameter) =>
        Engine == DbEngine.Postgres ? $"{column} = ANY(@{parameter})" : $"{column} IN @{parameter}";

    /// <summary>All rows.</summary>
    public abstract ValueTask<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null);

    /// <summary>All rows, locked until the write ends.</summary>
    public ValueTask<IReadOnlyList<T>> QueryAsync<T>(LockingQuery query, object? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        return QueryAsync<T>(query.TextFor(Engine), parameters);
    }

    /// <summary>The first row, or the type's default.</summary>
    public abstract ValueTask<T?> QueryFirstOrDefaultAsync<T>(string sql, object? parameters = null);

    /// <summary>The first row, locked until the write ends, or the type's default.</summary>
    public ValueTask<T?> QueryFirstOrDefaultAsync<T>(LockingQuery query, object? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        return QueryFirstOrDefaultAsync<T>(query.TextFor(Engine), parameters);
    }

    /// <summary>
    /// The first row of a query, or the type's default, read after what <paramref name="first"/> finds is locked until the write ends;
    /// PostgreSQL gets both in one exchange. Needed where the query joins more than it locks: what is read with a lock is as it was
    /// before the wait, but for the locked rows themselves.
    /// </summary>
    /// <param name="first">Locks; its rows are not read.</param>
    /// <param name="sql">The query.</param>
    /// <param name="parameters">Of both.</param>
    public abstract ValueTask<T?> LockAndQueryAsync<T>(LockingQuery first, string sql, object? parameters = null);

    /// <summary>The first column of the first row, or the type's default.</summary>
    public abstract ValueTask<T?> ExecuteScalarAsync<T>(string sql, object? parameters = null);

    /// <summary>Runs a statement, once for each element when the parameters are a collection.</summary>
    /// <returns>The number of rows changed.</returns>
    public abstract ValueTask<int> ExecuteAsync(string sql, object? parameters = null);

    /// <summary>
    /// Runs an INSERT, UPDATE or DELETE of which nobody needs to hear more. It happens before the next statement; PostgreSQL gets it
    /// together with that, or with the commit, so that it costs no exchange of its own. Its failure is that of the next statement.
    /// </summary>
    public abstract ValueTask SendAsync(string sql, object? parameters = null);

    /// <summary>Inserts all rows.</summary>
    public abstract ValueTask InsertAsync<T>(BulkInsert<T> insert, IEnumerable<T> rows);

    /// <summary>Inserts or changes all rows. Sort what others write too, or two batches may each wait for the other; no key twice.</summary>
    public abstract ValueTask UpsertAsync<T>(BulkUpsert<T> upsert, IReadOnlyList<T> rows);
}

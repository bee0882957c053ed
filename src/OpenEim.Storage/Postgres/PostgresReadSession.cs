using Dapper;
using Npgsql;

namespace OpenEim.Storage.Postgres;

/// <summary>A read: each statement runs when it is asked for.</summary>
/// <param name="connection">One that refuses to write.</param>
/// <param name="transaction">Gives all statements the same snapshot; a single one needs none.</param>
internal sealed class PostgresReadSession(NpgsqlConnection connection, NpgsqlTransaction? transaction) : DbSession(DbEngine.Postgres)
{
    public override async ValueTask<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null)
    {
        var rows = await connection.QueryAsync<T>(sql, parameters, transaction).ConfigureAwait(false);
        return rows.AsList();
    }

    public override async ValueTask<T?> QueryFirstOrDefaultAsync<T>(string sql, object? parameters = null)
        where T : default => await connection.QueryFirstOrDefaultAsync<T>(sql, parameters, transaction).ConfigureAwait(false);

    public override ValueTask<T?> LockAndQueryAsync<T>(LockingQuery first, string sql, object? parameters = null)
        where T : default => throw OnlyReads();

    public override async ValueTask<T?> ExecuteScalarAsync<T>(string sql, object? parameters = null)
        where T : default => await connection.ExecuteScalarAsync<T>(sql, parameters, transaction).ConfigureAwait(false);

    public override async ValueTask<int> ExecuteAsync(string sql, object? parameters = null) =>
        await connection.ExecuteAsync(sql, parameters, transaction).ConfigureAwait(false);

    public override async ValueTask SendAsync(string sql, object? parameters = null) => await ExecuteAsync(sql, parameters).ConfigureAwait(false);

    public override ValueTask InsertAsync<T>(BulkInsert<T> insert, IEnumerable<T> rows) => throw OnlyReads();

    public override ValueTask UpsertAsync<T>(BulkUpsert<T> upsert, IReadOnlyList<T> rows) => throw OnlyReads();

    private static InvalidOperationException OnlyReads() => new("A session that only reads was asked to write.");
}

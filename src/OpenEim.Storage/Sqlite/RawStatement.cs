using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OpenEim.Storage.Sqlite;

/// <summary>A prepared statement run on SQLite itself: for the few that run so often that the driver's command costs more than the statement.</summary>
internal class RawStatement : IDisposable
{
    private readonly sqlite3 _connection;

    public RawStatement(sqlite3 connection, string sql)
    {
        _connection = connection;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(connection, sql, out var statement), connection);
        Statement = statement;
    }

    protected sqlite3_stmt Statement { get; }

    /// <summary>Runs it to its end; what it is bound to stays.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public void Run()
    {
        var result = raw.sqlite3_step(Statement);
        Reset();
        Check(result);
    }

    public void Dispose() => Statement.Dispose();

    /// <summary>Tells again what the step told, so nobody listens.</summary>
    protected void Reset() => _ = raw.sqlite3_reset(Statement);

    protected void Check(int result) => SqliteException.ThrowExceptionForRC(result, _connection);
}

using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace OpenEim.Storage.Sqlite;

/// <summary>A SQLite connection that keeps its statements prepared: to SQLite, parsing a statement costs more than running most of ours.</summary>
/// <remarks>Lends each statement, by its text, to one command at a time; used by one thread at a time, as the connection is.</remarks>
internal sealed class PreparingConnection(SqliteConnection inner) : DbConnection
{
    /// <summary>Bounds the statements kept: filters and lists make texts of their own.</summary>
    private const int MaxIdle = 256;

    private readonly Dictionary<string, SqliteCommand> _idle = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SqliteBulk> _bulk = new(StringComparer.Ordinal);

    /// <summary>The connection itself.</summary>
    public SqliteConnection Inner => inner;

    [AllowNull]
    public override string ConnectionString
    {
        get => inner.ConnectionString;
        set => inner.ConnectionString = value;
    }

    public override string Database => inner.Database;

    public override string DataSource => inner.DataSource;

    public override string ServerVersion => inner.ServerVersion;

    public override ConnectionState State => inner.State;

    public override void Open() => inner.Open();

    public override void Close() => inner.Close();

    public override void ChangeDatabase(string databaseName) => inner.ChangeDatabase(databaseName);

    /// <summary>Takes the statement out of the idle ones, or prepares it.</summary>
    public SqliteCommand Rent(string sql)
    {
        if (_idle.Remove(sql, out var command))
        {
            return command;
        }

        command = inner.CreateCommand();
        try
        {
            command.CommandText = sql;
            command.Prepare();
            return command;
        }
        catch
        {
            command.Dispose();
            throw;
        }
    }

    /// <summary>Takes the statement back.</summary>
    public void Return(SqliteCommand command)
    {
        command.Parameters.Clear();
        command.Transaction = null;
        if (_idle.Count >= MaxIdle)
        {
            Forget();
        }

        if (!_idle.TryAdd(command.CommandText, command))
        {
            command.Dispose();
        }
    }

    /// <summary>The statement for many rows; there are few of these, and all are kept.</summary>
    public SqliteBulk Bulk(string sql)
    {
        if (!_bulk.TryGetValue(sql, out var bulk))
        {
            _bulk[sql] = bulk = new SqliteBulk(inner.Handle!, sql);
        }

        return bulk;
    }

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => inner.BeginTransaction(isolationLevel);

    protected override DbCommand CreateDbCommand() => new PreparedCommand(this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Forget();
            foreach (var bulk in _bulk.Values)
            {
                bulk.Dispose();
            }

            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Forget()
    {
        foreach (var command in _idle.Values)
        {
            command.Dispose();
        }

        _idle.Clear();
    }
}

using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace OpenEim.Storage.Sqlite;

/// <summary>A command that runs on a statement lent by its connection, and gives it back when it is disposed or its text changes.</summary>
internal sealed class PreparedCommand(PreparingConnection connection) : DbCommand
{
    // Holds the parameters until the text is final: Dapper completes it, and then the statement is lent, after it has added them.
    private readonly SqliteCommand _parameters = new();
    private SqliteCommand? _statement;
    private string _text = "";

    [AllowNull]
    public override string CommandText
    {
        get => _text;
        set
        {
            if (_text != value)
            {
                GiveBack();
                _text = value ?? "";
            }
        }
    }

    public override int CommandTimeout { get; set; } = 30; // seconds

    public override CommandType CommandType
    {
        get => CommandType.Text;
        set
        {
            if (value != CommandType.Text)
            {
                throw new NotSupportedException("SQLite has statements only.");
            }
        }
    }

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; }

    protected override DbConnection? DbConnection
    {
        get => connection;
        set
        {
            if (!ReferenceEquals(value, connection))
            {
                throw new NotSupportedException("The command belongs to its connection.");
            }
        }
    }

    protected override DbParameterCollection DbParameterCollection => _parameters.Parameters;

    protected override DbTransaction? DbTransaction { get; set; }

    public override void Cancel() => _statement?.Cancel();

    public override void Prepare() => Ready().Prepare();

    public override int ExecuteNonQuery() => Ready().ExecuteNonQuery();

    public override object? ExecuteScalar() => Ready().ExecuteScalar();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Ready().ExecuteReader(behavior);

    protected override DbParameter CreateDbParameter() => new SqliteParameter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            GiveBack();
            _parameters.Dispose();
        }

        base.Dispose(disposing);
    }

    private SqliteCommand Ready()
    {
        if (_statement is null)
        {
            _statement = connection.Rent(_text);
            _statement.CommandTimeout = CommandTimeout;
        }

        _statement.Transaction = (SqliteTransaction?)DbTransaction;
        _statement.Parameters.Clear();
        foreach (SqliteParameter parameter in _parameters.Parameters)
        {
            // As the statement has it; otherwise SQLite's driver tries all prefixes each time.
            if (!parameter.ParameterName.StartsWith('@'))
            {
                parameter.ParameterName = "@" + parameter.ParameterName;
            }

            _statement.Parameters.Add(parameter);
        }

        return _statement;
    }

    private void GiveBack()
    {
        if (_statement is { } statement)
        {
            _statement = null;
            connection.Return(statement);
        }
    }
}

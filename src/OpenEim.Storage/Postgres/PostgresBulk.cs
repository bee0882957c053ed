using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace OpenEim.Storage.Postgres;

/// <summary>Many rows in one exchange.</summary>
internal static class PostgresBulk
{
    public static async ValueTask CopyAsync<T>(NpgsqlConnection connection, BulkInsert<T> insert, IEnumerable<T> rows)
    {
        var types = insert.Columns.Select(column => TypeOf(column.Type)).ToArray();
        var copy = await connection.BeginBinaryImportAsync(insert.Copy).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            foreach (var row in rows)
            {
                await copy.StartRowAsync().ConfigureAwait(false);
                for (var i = 0; i < types.Length; i++)
                {
                    if (insert.Columns[i].Value(row) is { } value)
                    {
                        await copy.WriteAsync(value, types[i]).ConfigureAwait(false);
                    }
                    else
                    {
                        await copy.WriteNullAsync().ConfigureAwait(false);
                    }
                }
            }

            await copy.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The statement with one row's values.</summary>
    public static NpgsqlBatchCommand Bind<T>(string sql, IReadOnlyList<BulkColumn<T>> columns, T row)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var column in columns)
        {
            command.Parameters.Add(new NpgsqlParameter(column.Name, TypeOf(column.Type)) { Value = column.Value(row) ?? DBNull.Value });
        }

        return command;
    }

    /// <summary>The statement with an array of each column's values.</summary>
    public static NpgsqlBatchCommand BindAll<T>(string sql, IReadOnlyList<BulkColumn<T>> columns, IReadOnlyList<T> rows)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var column in columns)
        {
            command.Parameters.Add(new NpgsqlParameter(column.Name, NpgsqlDbType.Array | TypeOf(column.Type)) { Value = Values(column, rows) });
        }

        return command;
    }

    private static Array Values<T>(BulkColumn<T> column, IReadOnlyList<T> rows) => column.Type switch
    {
        DbType.Int64 => rows.Select(row => (long?)column.Value(row)).ToArray(),
        DbType.String => rows.Select(row => (string?)column.Value(row)).ToArray(),
        _ => rows.Select(row => (byte[]?)column.Value(row)).ToArray(),
    };

    private static NpgsqlDbType TypeOf(DbType type) => type switch
    {
        DbType.Int64 => NpgsqlDbType.Bigint,
        DbType.String => NpgsqlDbType.Text,
        DbType.Binary => NpgsqlDbType.Bytea,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "bulk columns are whole numbers, texts or bytes"),
    };
}

using System.Data.Common;

namespace OpenEim.Storage.Sqlite;

/// <summary>One prepared statement, bound and run for each row.</summary>
internal static class SqliteBulk
{
    public static async ValueTask ExecuteAsync<T>(
        DbConnection connection, DbTransaction? transaction, string sql, IReadOnlyList<BulkColumn<T>> columns, IEnumerable<T> rows)
    {
        var command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.CommandText = sql;
            command.Transaction = transaction;
            foreach (var column in columns)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = "@" + column.Name;
                parameter.DbType = column.Type;
                command.Parameters.Add(parameter);
            }

            foreach (var row in rows)
            {
                for (var i = 0; i < columns.Count; i++)
                {
                    command.Parameters[i].Value = columns[i].Value(row) ?? DBNull.Value;
                }

                await command.ExecuteNonQueryAsync().ConfigureAwait(false);
            }
        }
    }
}

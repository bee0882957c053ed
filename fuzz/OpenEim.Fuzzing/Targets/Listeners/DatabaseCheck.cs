using Microsoft.Data.Sqlite;

namespace OpenEim.Fuzzing.Targets.Listeners;

/// <summary>What must be true of an eIM's SQLite file at any time.</summary>
internal static class DatabaseCheck
{
    private static readonly (string What, string Sql)[] Rules =
    [
        ("operations of an eUICC that does not exist", "SELECT COUNT(*) FROM operation WHERE eid NOT IN (SELECT eid FROM euicc)"),
        ("profiles of an eUICC that does not exist", "SELECT COUNT(*) FROM profile WHERE eid NOT IN (SELECT eid FROM euicc)"),
        ("exchanges of an eUICC that does not exist", "SELECT COUNT(*) FROM exchange WHERE eid NOT IN (SELECT eid FROM euicc)"),
        ("eUICCs whose exchange in flight does not exist", "SELECT COUNT(*) FROM euicc WHERE in_flight IS NOT NULL AND NOT EXISTS (SELECT 1 FROM exchange WHERE exchange.eid = euicc.eid AND transaction_id = in_flight)"),
        ("eUICCs whose pending count is not that of their operations and tasks", "SELECT COUNT(*) FROM euicc WHERE pending_count <> (SELECT COUNT(*) FROM operation WHERE operation.eid = euicc.eid AND finalized IS NULL) + (tasks <> 0)"),
        ("operations that are final without a time", "SELECT COUNT(*) FROM operation WHERE (status = 1) <> (finalized IS NULL)"),
        ("organisations whose number of eUICCs is wrong", "SELECT COUNT(*) FROM euicc_count WHERE euiccs <> (SELECT COUNT(*) FROM euicc WHERE euicc.organisation_id = euicc_count.organisation_id)"),
        ("eUICCs with two enabled profiles", "SELECT COUNT(*) FROM (SELECT eid FROM profile WHERE status = 2 GROUP BY eid HAVING COUNT(*) > 1)"),
    ];

    /// <summary>Checks the file in a data folder.</summary>
    /// <exception cref="FindingException">Something is not true.</exception>
    public static async Task RunAsync(string folder)
    {
        var connection = new SqliteConnection($"Data Source={Directory.GetFiles(folder, "*.db").Single()};Mode=ReadOnly;Pooling=False");
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync().ConfigureAwait(false);
            var integrity = await ScalarAsync(connection, "PRAGMA integrity_check").ConfigureAwait(false);
            if (integrity is not "ok")
            {
                throw new FindingException($"SQLite says: {integrity}");
            }

            foreach (var (what, sql) in Rules)
            {
                if (await ScalarAsync(connection, sql).ConfigureAwait(false) is not 0L and var count)
                {
                    throw new FindingException($"the database holds {count} {what}");
                }
            }
        }
    }

    private static async Task<object?> ScalarAsync(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
#pragma warning disable CA2100 // The statements are the constants above.
            command.CommandText = sql;
#pragma warning restore CA2100
            return await command.ExecuteScalarAsync().ConfigureAwait(false);
        }
    }
}

using OpenEim.Storage;

namespace OpenEim.Manager.Nodes;

/// <summary>Distributes the tables over the nodes of a Citus cluster: a device's by its EID, side by side; the small ones whole to every node.</summary>
/// <remarks>It may be run again: what is distributed already stays as it is.</remarks>
public sealed class Distribution(Database database)
{
    private const string HasCitus = "SELECT count(*) FROM pg_proc WHERE proname = 'create_distributed_table'";

    private const string IsDistributed = "SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = @table::regclass";

    private static readonly string[] Triggers = ["euicc_added", "euicc_removed", "euicc_moved"];

    // On every node whole: few rows, or read together with devices by who knows which key.
    private static readonly string[] Small =
    [
        "organisation", "member", "application_token", "secret", "sequence", "euicc_count", "euicc_block", "slice", "node", "login_failure", "relay_unnamed", "stock_profile",
    ];

    // The first one of a group is what the others lie beside.
    private static readonly (string Table, string Column, string Beside)[] Large =
    [
        ("euicc", "eid", "none"),
        ("contact", "eid", "euicc"),
        ("euicc_data", "eid", "euicc"),
        ("unreadable", "eid", "euicc"),
        ("euicc_past", "eid", "euicc"),
        ("profile", "eid", "euicc"),
        ("notification", "eid", "euicc"),
        ("operation", "eid", "euicc"),
        ("exchange", "eid", "euicc"),
        ("relay", "transaction_id", "none"),
        ("relay_answer", "request_hash", "none"),
        ("idempotency", "idempotency_key", "none"),
        ("kept_answer", "request", "none"),
    ];

    /// <summary>Distributes what is not distributed yet.</summary>
    /// <param name="tell">Hears of each table.</param>
    /// <param name="ct">Ends it between two tables.</param>
    /// <returns>How many tables.</returns>
    /// <exception cref="StorageException">The database is not on PostgreSQL, or has no Citus.</exception>
    public async Task<int> RunAsync(Action<string> tell, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(tell);
        if (database.Engine != DbEngine.Postgres || await database.ReadAsync(session => session.ExecuteScalarAsync<long>(HasCitus), ct).ConfigureAwait(false) == 0)
        {
            throw new StorageException($"The database {database.Name} cannot be distributed: the extension citus is not in it (CREATE EXTENSION citus, on the coordinator).");
        }

        await database.WriteAsync(async session => await session.ExecuteAsync("SELECT create_distributed_function('hex(bytea)')").ConfigureAwait(false), ct).ConfigureAwait(false);
        await database.WriteAsync(ForgetBlocksAsync, ct).ConfigureAwait(false);
        var count = 0;
        foreach (var table in Small)
        {
            count += await DistributeAsync(table, "SELECT create_reference_table(@table::regclass)", new { table }, tell, ct).ConfigureAwait(false);
        }

        foreach (var (table, column, beside) in Large)
        {
            count += await DistributeAsync(
                table,
                "SELECT create_distributed_table(@table::regclass, @column, colocate_with => @beside)",
                new { table, column, beside },
                tell,
                ct).ConfigureAwait(false);
        }

        return count;
    }

    // A distributed table can have no trigger that writes another table, so nothing would keep the counts.
    private static async ValueTask ForgetBlocksAsync(DbSession session)
    {
        foreach (var trigger in Triggers)
        {
            await session.ExecuteAsync($"DROP TRIGGER IF EXISTS {trigger} ON euicc").ConfigureAwait(false);
        }

        await session.ExecuteAsync("DELETE FROM euicc_block").ConfigureAwait(false);
    }

    // Each table in a transaction of its own: its rows are moved, which may take long, and Citus wants it so for partitioned tables.
    private async Task<int> DistributeAsync(string table, string sql, object parameters, Action<string> tell, CancellationToken ct)
    {
        var isDone = await database.WriteAsync(
            async session =>
            {
                if (await session.ExecuteScalarAsync<long>(IsDistributed, new { table }).ConfigureAwait(false) > 0)
                {
                    return false;
                }

                await session.ExecuteAsync(sql, parameters).ConfigureAwait(false);
                return true;
            },
            ct).ConfigureAwait(false);
        if (isDone)
        {
            tell(table);
        }

        return isDone ? 1 : 0;
    }
}

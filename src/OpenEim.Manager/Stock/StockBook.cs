using OpenEim.Manager.Queries;
using OpenEim.Manager.Secrets;
using OpenEim.Storage;

namespace OpenEim.Manager.Stock;

/// <summary>The profiles that each organisation has ordered: listed and found.</summary>
/// <param name="database">Holds them.</param>
/// <param name="secrets">Decrypts activation codes.</param>
/// <param name="turns">Bounds how many lists are read at the same time; null for no bounds.</param>
public sealed class StockBook(Database database, DownloadSecrets secrets, ListTurns? turns = null)
{
    private readonly ListReads _lists = new(database, turns);

    private static readonly QueryFields Fields = new(
        QueryField.Iccid("iccid_with_luhn", "s.iccid"),
        QueryField.Choice("status", StockRow.StatusColumn, Descriptions.ProfileStatus),
        QueryField.Hex("eid", "s.eid", Protocol.Identifiers.Eid.ByteLength),
        Text("profile_type", "s.profile_type"),
        Text("smdp_address", "s.smdp_address"));

    /// <summary>A page of the inventory.</summary>
    /// <exception cref="QueryException">A criterion of <paramref name="q"/> or <paramref name="sort"/> cannot be followed.</exception>
    /// <exception cref="ListsBusyException">The caller reads as many long lists at the same time as he may.</exception>
    public ValueTask<Page<StockEntry>> ListAsync(ListCaller caller, string? q, string? sort, PageRequest page, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(page);
        var values = new SqlValues();
        var condition = Fields.Condition(q, values);
        var order = Fields.Order(sort).Sql;
        values.Parameters.Add("organisationId", caller.OrganisationId);
        var where = "WHERE s.organisation_id = @organisationId" + (condition is null ? "" : " AND " + condition);

        // It is counted row by row, with what the eUICCs tell of each.
        return _lists.ReadAsync(
            caller,
            mayTakeLong: true,
            async session =>
            {
                var total = await session.ExecuteScalarAsync<long>(
                    $"SELECT count(*) FROM (SELECT 1 {StockRow.From} {where} LIMIT {Page<StockEntry>.CountBound}) AS bounded", values.Parameters)
                    .ConfigureAwait(false);
                var shown = page.Within(total);
                values.Parameters.Add("take", shown.Size);
                values.Parameters.Add("skip", shown.Skip);
                var rows = await session.QueryAsync<StockRow>(
                    $"{StockRow.Select} {where} ORDER BY {order} LIMIT @take OFFSET @skip", values.Parameters).ConfigureAwait(false);
                return new Page<StockEntry>([.. rows.Select(row => row.ToEntry())], shown, total);
            },
            ct);
    }

    /// <summary>One profile with its activation code, or null.</summary>
    public async ValueTask<StockEntry?> FindAsync(long organisationId, string iccid, CancellationToken ct = default) =>
        (await database.ReadAsync(session => FindAsync(session, organisationId, iccid), ct).ConfigureAwait(false))?.ToEntry(secrets);

    internal static ValueTask<StockRow?> FindAsync(DbSession session, long organisationId, string iccid) => session.QueryFirstOrDefaultAsync<StockRow>(
        StockRow.Select + " WHERE s.organisation_id = @organisationId AND s.iccid = @iccid", new { organisationId, iccid });

    /// <summary>A text, whatever its case; <c>*</c> stands for anything.</summary>
    private static QueryField Text(string name, string column) => new(name, column, (value, values) => value.Any(char.IsControl)
        ? null // no such value is taken, and not every database can even be asked for it
        : $"lower({column}) LIKE {values.Add(Pattern(value))} ESCAPE '!'");

    private static string Pattern(string value) => value.ToLowerInvariant()
        .Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal)
        .Replace('*', '%');
}

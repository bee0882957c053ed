using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;

namespace OpenEim.Tests.Cluster;

internal sealed record EuiccRow(string Eid, long PendingCount, long Tasks, bool IsInFlight, long Counter);

internal sealed record OperationRow(string Eid, Guid Id, int Action, string End, bool IsFinal);

internal sealed record ExchangeRow(string Eid, Guid? Operation, int Step, int Kind, long? Counter, string RequestSha256, string? ResponseSha256, bool IsAnswered, long Deliveries);

internal sealed record ProfileRow(string Eid, string Iccid, int Status, bool IsFallback);

internal sealed record NotificationRow(string Eid, long SequenceNumber, string? Iccid, string Sha256, bool IsForwarded, long Attempts);

internal sealed record StockRow(string Iccid, string? Eid, int Status);

internal sealed record SmdpProfileRow(string Iccid, string? Eid, int State);

internal sealed record DeliveryRow(string Iccid, string Eid, int? Result);

/// <summary>What stands in the databases of the eIM and the SM-DP+, read without their code. Digests are SHA-256 in hex.</summary>
internal sealed class Books
{
    private static readonly string[] Statuses = ["", "Scheduled", "Succeeded", "Failed", "Expired", "Canceled"];

    public required IReadOnlyList<EuiccRow> Euiccs { get; init; }

    public required IReadOnlyList<OperationRow> Operations { get; init; }

    public required IReadOnlyList<ExchangeRow> Exchanges { get; init; }

    public required IReadOnlyList<ProfileRow> Profiles { get; init; }

    public required IReadOnlyList<NotificationRow> Notifications { get; init; }

    public required IReadOnlyList<StockRow> Stock { get; init; }

    public required IReadOnlyList<SmdpProfileRow> SmdpProfiles { get; init; }

    public required IReadOnlyList<DeliveryRow> Deliveries { get; init; }

    /// <summary>The digests of the notifications that the SM-DP+ has, by EID.</summary>
    public required IReadOnlyList<(string Eid, string Sha256)> SmdpNotifications { get; init; }

    /// <summary>What the SM-DP+ has still to tell the operator.</summary>
    public required long UntoldProgress { get; init; }

    public static async Task<Books> ReadAsync(Site site, CancellationToken ct)
    {
        await using var eim = site.OpenEimDatabase();
        await using var smdp = site.OpenSmdpDatabase();
        await eim.OpenAsync(ct);
        await smdp.OpenAsync(ct);
        return new Books
        {
            Euiccs = await QueryAsync(eim, "SELECT eid, pending_count, tasks, in_flight, counter FROM euicc", row =>
                new EuiccRow(row.Hex(0)!, row.Number(1)!.Value, row.Number(2)!.Value, row.Hex(3) is not null, row.Number(4)!.Value), ct),
            Operations = await QueryAsync(eim, "SELECT eid, id, action, status, error_reason, finalized FROM operation", ReadOperation, ct),
            Exchanges = await QueryAsync(
                eim, "SELECT eid, operation_id, step, kind, counter, request, response, answered, deliveries FROM exchange", ReadExchange, ct),
            Profiles = await QueryAsync(eim, "SELECT eid, iccid, status, fallback_attribute FROM profile", row =>
                new ProfileRow(row.Hex(0)!, row.GetString(1), (int)row.Number(2)!, row.Number(3) == 1), ct),
            Notifications = await QueryAsync(eim, "SELECT eid, sequence_number, iccid, encoded, forwarded, attempts FROM notification", row =>
                new NotificationRow(row.Hex(0)!, row.Number(1)!.Value, row.Text(2), row.Digest(3)!, row.Number(4) is not null, row.Number(5)!.Value), ct),
            Stock = await QueryAsync(eim, "SELECT iccid, eid, status FROM stock_profile", row =>
                new StockRow(row.GetString(0), row.Hex(1), (int)row.Number(2)!), ct),
            SmdpProfiles = await QueryAsync(smdp, "SELECT iccid, eid, state FROM profile", row =>
                new SmdpProfileRow(row.GetString(0), row.Hex(1), (int)row.Number(2)!), ct),
            Deliveries = await QueryAsync(smdp, "SELECT iccid, eid, result FROM delivery", row =>
                new DeliveryRow(row.GetString(0), row.Hex(1)!, (int?)row.Number(2)), ct),
            SmdpNotifications = await QueryAsync(smdp, "SELECT eid, encoded FROM notification", row => (row.Hex(0)!, row.Digest(1)!), ct),
            UntoldProgress = (await QueryAsync(smdp, "SELECT count(*) FROM progress", row => row.Number(0)!.Value, ct))[0],
        };
    }

    /// <summary>Why the eIM or the SM-DP+ has not come to rest; null when both have.</summary>
    public string? Unrest()
    {
        var pending = Euiccs.Count(euicc => euicc.PendingCount > 0);
        var notForwarded = Notifications.Count(notification => !notification.IsForwarded);
        return pending + notForwarded + UntoldProgress == 0
            ? null
            : $"{pending} eUICCs with pending work, {notForwarded} notifications not forwarded, {UntoldProgress} reports of progress not told";
    }

    private static OperationRow ReadOperation(DbDataReader row)
    {
        var reason = row.Number(4);
        var end = Statuses[(int)row.Number(3)!] + (reason is null ? "" : string.Create(CultureInfo.InvariantCulture, $" {reason}"));
        return new OperationRow(row.Hex(0)!, new Guid((byte[])row.GetValue(1), bigEndian: true), (int)row.Number(2)!, end, row.Number(5) is not null);
    }

    private static ExchangeRow ReadExchange(DbDataReader row) => new(
        row.Hex(0)!,
        row.IsDBNull(1) ? null : new Guid((byte[])row.GetValue(1), bigEndian: true),
        (int)row.Number(2)!,
        (int)row.Number(3)!,
        row.Number(4),
        row.Digest(5)!,
        row.Digest(6),
        row.Number(7) is not null,
        row.Number(8)!.Value);

    private static async Task<List<T>> QueryAsync<T>(DbConnection database, string sql, Func<DbDataReader, T> read, CancellationToken ct)
    {
        await using var command = database.CreateCommand();
#pragma warning disable CA2100 // The texts stand above.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var rows = await command.ExecuteReaderAsync(ct);
        var all = new List<T>();
        while (await rows.ReadAsync(ct))
        {
            all.Add(read(rows));
        }

        return all;
    }
}

/// <summary>Reads columns whatever the engine calls their types.</summary>
internal static class RowReading
{
    public static string? Hex(this DbDataReader row, int column) => row.IsDBNull(column) ? null : Convert.ToHexString((byte[])row.GetValue(column));

    public static string? Digest(this DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : Convert.ToHexString(SHA256.HashData((byte[])row.GetValue(column)));

    public static long? Number(this DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);

    public static string? Text(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Euiccs;

/// <summary>What the cards of removed eUICCs remember of this eIM: the counter above which packages must be, and the rule of their signatures.</summary>
/// <remarks>
/// Neither the key nor the association token is kept. The key is proved again at first contact. The token is not proved, and may have been
/// given by another organisation: whoever registers the eUICC next gives it, or the device is asked for it.
/// </remarks>
internal static class PastEuiccs
{
    private const string Keep = """
        INSERT INTO euicc_past (eid, counter, signature_rule, removed) VALUES (@eid, @counter, @signatureRule, @now)
        ON CONFLICT (eid) DO UPDATE SET
            counter = CASE WHEN excluded.counter > euicc_past.counter THEN excluded.counter ELSE euicc_past.counter END,
            signature_rule = excluded.signature_rule, removed = excluded.removed
        """;

    /// <summary>Keeps it.</summary>
    public static async ValueTask KeepAsync(DbSession session, byte[] eid, long counter, long signatureRule, long now) =>
        await session.ExecuteAsync(Keep, new { eid, counter, signatureRule, now }).ConfigureAwait(false);

    /// <summary>What is kept of those among the EIDs that were registered before.</summary>
    public static async ValueTask<IReadOnlyDictionary<Eid, PastEuicc>> FindAsync(DbSession session, IEnumerable<Eid> eids, int batchSize)
    {
        var found = new Dictionary<Eid, PastEuicc>();
        foreach (var batch in eids.Chunk(batchSize))
        {
            var rows = await session.QueryAsync<PastEuicc>(
                $"SELECT eid, counter, signature_rule FROM euicc_past WHERE {session.IsOneOf("eid", "eids")}",
                new { eids = batch.Select(eid => eid.ToBytes()).ToList() }).ConfigureAwait(false);
            foreach (var row in rows)
            {
                found[Eid.FromBytes(row.Eid)] = row;
            }
        }

        return found;
    }
}

/// <summary>What is kept of a removed eUICC.</summary>
internal sealed class PastEuicc
{
    public byte[] Eid { get; init; } = [];

    /// <summary>The counter of the last package.</summary>
    public long Counter { get; init; }

    public long SignatureRule { get; init; }
}

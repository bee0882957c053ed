using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Secrets;
using OpenEim.Manager.Smdps;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Stock;

/// <summary>Orders profiles from an SM-DP+ over ES2+, links them to eUICCs and cancels what was not downloaded.</summary>
/// <param name="database">Holds the stock.</param>
/// <param name="client">The SM-DP+; null when none is set up.</param>
/// <param name="secrets">Encrypts the activation codes.</param>
/// <param name="time">Dates the orders.</param>
public sealed class StockOrders(Database database, Es2PlusClient? client, DownloadSecrets secrets, TimeProvider time)
{
    private const int MaxMessage = 200; // characters

    private const string Store = """
        INSERT INTO stock_profile (organisation_id, iccid, status, profile_type, smdp_address, eid, activation_code, created, updated)
        VALUES (@OrganisationId, @Iccid, @Status, @ProfileType, @SmdpAddress, @Eid, @ActivationCode, @Now, @Now)
        ON CONFLICT (organisation_id, iccid) DO UPDATE SET
            status = excluded.status, profile_type = COALESCE(excluded.profile_type, stock_profile.profile_type),
            smdp_address = excluded.smdp_address, eid = excluded.eid, activation_code = excluded.activation_code, updated = excluded.updated
        """;

    /// <summary>Orders a profile.</summary>
    /// <param name="organisationId">Who orders.</param>
    /// <param name="order">What.</param>
    /// <param name="alsoWrite">Runs in the transaction that stores the order.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="StockException">It could not be ordered.</exception>
    public async Task<StockEntry> OrderAsync(
        long organisationId, StockOrder order, Func<DbSession, StockEntry, ValueTask>? alsoWrite = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(order);
        var smdp = Client();
        var eid = await FindEuiccAsync(organisationId, order.Eid, order.EuiccId, ct).ConfigureAwait(false);
        var iccid = Iccid.Parse(Taken(await smdp.DownloadOrderAsync(eid, order.Iccid, order.ProfileType, order.Name, ct).ConfigureAwait(false)));

        // From here on the SM-DP+ has the order: what follows runs to its end, whether or not the caller still waits.
        var code = order.Confirm ? await ConfirmAsync(smdp, iccid, eid, order).ConfigureAwait(false) : null;
        return await StoreAsync(organisationId, iccid, order.ProfileType, eid, code, alsoWrite).ConfigureAwait(false);
    }

    /// <summary>Reserves a profile in stock for an eUICC, or confirms an order that was not confirmed; it is ready to download then.</summary>
    /// <exception cref="StockException">It could not be done.</exception>
    public async Task<StockEntry> LinkAsync(long organisationId, string iccid, Eid? forEid, long? euiccId, CancellationToken ct = default)
    {
        var row = await FindOpenAsync(organisationId, iccid, ct).ConfigureAwait(false);
        var smdp = Client();
        var eid = await FindEuiccAsync(organisationId, forEid, euiccId, ct).ConfigureAwait(false) ?? row.KnownEid;
        if (row.KnownEid is { } linked && linked != eid)
        {
            throw new StockException(StockProblem.WrongStatus, $"The profile is linked to EID {linked}; cancel that order first");
        }

        var profile = Iccid.Parse(row.Iccid);
        if (row.ActivationCode is { } stored)
        {
            if (row.KnownEid == eid)
            {
                return row.ToEntry(secrets);
            }

            // ES2+ has no way to give a confirmed order to somebody: it is cancelled and placed anew.
            var old = secrets.Unprotect(row.Iccid, stored);
            Taken(await smdp.CancelOrderAsync(profile, null, old.MatchingId, ct).ConfigureAwait(false));
            Taken(await smdp.DownloadOrderAsync(eid, profile, null, null, CancellationToken.None).ConfigureAwait(false));
        }

        var code = await ConfirmAsync(smdp, profile, eid, null).ConfigureAwait(false);
        return await StoreAsync(organisationId, profile, row.ProfileType, eid, code, null).ConfigureAwait(false);
    }

    /// <summary>Gives an order back that has not been downloaded.</summary>
    /// <exception cref="StockException">It could not be done.</exception>
    public async Task CancelAsync(long organisationId, string iccid, CancellationToken ct = default)
    {
        var row = await FindOpenAsync(organisationId, iccid, ct).ConfigureAwait(false);
        var smdp = Client();
        var matchingId = row.ActivationCode is { } stored ? secrets.Unprotect(row.Iccid, stored).MatchingId : null;
        Taken(await smdp.CancelOrderAsync(Iccid.Parse(row.Iccid), row.KnownEid, matchingId, ct).ConfigureAwait(false));
        await database.WriteAsync(
            async session =>
            {
                var euicc = row.KnownEid is { } eid ? await LockedEuicc.LockAsync(session, eid, time.NowMilliseconds()).ConfigureAwait(false) : null;
                await session.ExecuteAsync(
                    "DELETE FROM stock_profile WHERE organisation_id = @organisationId AND iccid = @Iccid", new { organisationId, row.Iccid }).ConfigureAwait(false);
                if (euicc is not null)
                {
                    await ProfileBook.UnlinkAsync(euicc, row.Iccid).ConfigureAwait(false);
                    await euicc.SaveAsync().ConfigureAwait(false);
                }
            },
            CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task<ActivationCode> ConfirmAsync(Es2PlusClient smdp, Iccid iccid, Eid? eid, StockOrder? order)
    {
        var answer = await smdp.ConfirmOrderAsync(iccid, eid, order?.Name, CancellationToken.None).ConfigureAwait(false);

        // Where only the answer is missing, a repetition of a named order gets it.
        if (answer.Value is null && order is not null && (order.Name is null || answer.Trouble is null))
        {
            await smdp.CancelOrderAsync(iccid, eid, null, CancellationToken.None).ConfigureAwait(false);
        }

        var ok = Taken(answer);
        return ActivationCode.Create(SmdpAddress.TryParse(ok.SmdpAddress, out var address) ? address : smdp.SmdpAddress, ok.MatchingId);
    }

    private Task<StockEntry> StoreAsync(
        long organisationId, Iccid iccid, string? profileType, Eid? eid, ActivationCode? code, Func<DbSession, StockEntry, ValueTask>? alsoWrite) =>
        database.WriteAsync(async session =>
        {
            var now = time.NowMilliseconds();
            var status = code is not null ? ProfileStatus.Released : eid is null ? ProfileStatus.Allocated : ProfileStatus.Linked;
            var text = iccid.ToString();

            // The eUICC's row comes before all others, everywhere: whoever holds it waits for nobody who waits for it.
            var euicc = eid is { } linked ? await LockedEuicc.LockAsync(session, linked, now).ConfigureAwait(false) : null;
            await session.ExecuteAsync(Store, new
            {
                OrganisationId = organisationId,
                Iccid = text,
                Status = (int)status,
                ProfileType = profileType,
                SmdpAddress = (code?.Address ?? Client().SmdpAddress).ToString(),
                Eid = eid?.ToBytes(),
                ActivationCode = code is null ? null : secrets.Protect(text, code),
                Now = now,
            }).ConfigureAwait(false);
            if (euicc is not null)
            {
                await ProfileBook.LinkAsync(euicc, text, status).ConfigureAwait(false);
                await euicc.SaveAsync().ConfigureAwait(false);
            }

            var entry = (await StockBook.FindAsync(session, organisationId, text).ConfigureAwait(false))!.ToEntry(secrets);
            if (alsoWrite is not null)
            {
                await alsoWrite(session, entry).ConfigureAwait(false);
            }

            return entry;
        });

    private async ValueTask<StockRow> FindOpenAsync(long organisationId, string iccid, CancellationToken ct)
    {
        var row = await database.ReadAsync(session => StockBook.FindAsync(session, organisationId, iccid), ct).ConfigureAwait(false)
            ?? throw new StockException(StockProblem.NotFound, $"Profile {iccid} not found");
        return row.Status <= ProfileStatus.Released
            ? row
            : throw new StockException(StockProblem.WrongStatus, $"The profile is {row.Status}: its order can no longer be changed");
    }

    private async ValueTask<Eid?> FindEuiccAsync(long organisationId, Eid? eid, long? id, CancellationToken ct)
    {
        if (eid is null && id is null)
        {
            return null;
        }

        var found = await database.ReadAsync(
            session => session.QueryFirstOrDefaultAsync<byte[]>(
                "SELECT eid FROM euicc WHERE organisation_id = @organisationId AND (eid = @eid OR id = @id)",
                new { organisationId, eid = eid?.ToBytes(), id }),
            ct).ConfigureAwait(false);
        return found is null
            ? throw new StockException(StockProblem.UnknownEuicc, "names no eUICC of this organisation")
            : Eid.FromBytes(found);
    }

    private Es2PlusClient Client() =>
        client ?? throw new StockException(StockProblem.NotConfigured, "No SM-DP+ is set up to order profiles from (Es2PlusUrl)");

    private static T Taken<T>(SmdpAnswer<T> answer) where T : class => answer.Value ?? throw (answer.Trouble is { } trouble
        ? new StockException(StockProblem.Unavailable, $"The SM-DP+ could not be asked: {trouble}")
        : new StockException(StockProblem.Refused, $"The SM-DP+ refused with {answer.Refusal?.ToString() ?? "no code"}{InWords(answer.Message)}"));

    /// <summary>What the SM-DP+ says of it, cut where it says too much.</summary>
    private static string InWords(string? message) => string.IsNullOrWhiteSpace(message) ? "" : ": " + message[..Math.Min(message.Length, MaxMessage)];
}

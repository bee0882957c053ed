using OpenEim.Manager.Euiccs;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;

namespace OpenEim.Manager.Exchanges;

/// <summary>What kind of package an exchange began with: the last byte of its tag.</summary>
internal enum ExchangeKind
{
    EuiccPackage = 0x51,
    DataRequest = 0x52,
    DownloadTrigger = 0x54,
}

/// <summary>What is kept of answers that changed nothing: the beginning tells the kind.</summary>
internal static class ExchangeNotes
{
    public const string Unverifiable = "unverifiable: ";

    /// <summary>Arm A2 of BF51.</summary>
    public const string Unsigned = "unsigned: ";

    /// <summary>Arm A0 of BF50.</summary>
    public const string Unusable = "unusable: ";

    /// <summary>What a device reports of a download: no answer that is refused, only one that nobody signs.</summary>
    public const string Reported = "reported: ";

    /// <summary>The eUICC says that it has run the package before.</summary>
    public const string Replayed = "the eUICC answered that the package is a replay";

    /// <summary>The note as a sentence for people; null when it is of no kind that is refused.</summary>
    /// <param name="note">Null when the device brought nothing.</param>
    public static string? Describe(string? note) => note switch
    {
        not null when note.StartsWith(Unverifiable, StringComparison.Ordinal) => $"the device's answer could not be verified: {note[Unverifiable.Length..]}",
        not null when note.StartsWith(Unsigned, StringComparison.Ordinal) => $"the device brings an unsigned package error again and again: {note[Unsigned.Length..]}",
        not null when note.StartsWith(Unusable, StringComparison.Ordinal) =>
            $"the device's IPA reports again and again that it cannot use the package: {note[Unusable.Length..]}",
        _ => null,
    };
}

/// <summary>One package or request and its answer. The bytes are stored before they leave, and are always the same.</summary>
internal sealed class Exchange
{
    public const string Columns = """
        transaction_id, operation_id, task, step, kind, counter, request, response, created, deliveries, held_until, answered, note, pollers
        """;

    /// <summary>How many state changes within a minute, which nobody signs, are looked into before operations.</summary>
    private const int ListsOfMinute = 3;

    private const long Minute = 60_000; // milliseconds

    private const string Insert = """
        INSERT INTO exchange (eid, transaction_id, operation_id, task, step, kind, counter, request, created, deliveries, delivered, pollers)
        VALUES (@Eid, @TransactionId, @OperationId, @Task, @Step, @Kind, @Counter, @Request, @Created, 1, @Created, @Pollers)
        """;

    private const string ThisOne = "WHERE eid = @Eid AND transaction_id = @TransactionId AND created = @Created";

    public byte[] TransactionId { get; init; } = [];

    public byte[]? OperationId { get; init; }

    public EuiccTasks Task { get; init; }

    public int Step { get; init; }

    public ExchangeKind Kind { get; init; }

    public long? Counter { get; init; }

    /// <summary>Of a download trigger, encrypted.</summary>
    public byte[] Request { get; init; } = [];

    public byte[]? Response { get; init; }

    public long Created { get; init; }

    public long Deliveries { get; init; }

    public long? HeldUntil { get; init; }

    public long? Answered { get; init; }

    /// <summary>Whether its result is here. An exchange whose result was lost is answered, with nothing.</summary>
    public bool HasResult => Answered is not null && Response is { Length: > 0 };

    /// <summary>An answer that changed nothing, in words.</summary>
    public string? Note { get; init; }

    /// <summary>Who has got it, as <see cref="Exchanges.Pollers"/> writes it.</summary>
    public string? Pollers { get; init; }

    /// <summary>Whether it can be delivered: a package of a known kind, whole. A trigger is encrypted, so only its kind is known.</summary>
    public bool IsDeliverable => Kind switch
    {
        ExchangeKind.DownloadTrigger => true,
        ExchangeKind.EuiccPackage or ExchangeKind.DataRequest => IsOfItsKind(),
        _ => false,
    };

    /// <summary>The packages that have run, says the eUICC, and whose results never came.</summary>
    public static ValueTask<IReadOnlyList<Exchange>> ReplayedAsync(LockedEuicc euicc) => euicc.Session.QueryAsync<Exchange>(
        $"SELECT {Columns} FROM exchange WHERE eid = @Eid AND answered IS NULL AND note = @Note",
        new { Eid = euicc.EidBytes, Note = ExchangeNotes.Replayed });

    /// <summary>How many packages were answered with an unsigned error and nothing better.</summary>
    public static ValueTask<long> CountUnsignedAsync(LockedEuicc euicc) => euicc.Session.ExecuteScalarAsync<long>(
        "SELECT count(*) FROM exchange WHERE eid = @Eid AND counter IS NOT NULL AND answered IS NULL AND note LIKE @Note",
        new { Eid = euicc.EidBytes, Note = ExchangeNotes.Unsigned + "%" });

    /// <summary>Whether the profile list was asked for so often within a minute that another state change must wait its turn behind the operations.</summary>
    public static async ValueTask<bool> HasReadManyListsAsync(LockedEuicc euicc) => await euicc.Session.ExecuteScalarAsync<long>(
        "SELECT count(*) FROM exchange WHERE eid = @Eid AND created > @Since AND task IN (@Now, @Later)",
        new
        {
            Eid = euicc.EidBytes,
            Since = euicc.Now - Minute,
            Now = (int)EuiccTasks.Synchronise,
            Later = (int)EuiccTasks.SynchroniseLater,
        }).ConfigureAwait(false) >= ListsOfMinute;

    /// <summary>The trigger of a download.</summary>
    public static ValueTask<Exchange?> FindTriggerAsync(LockedEuicc euicc, byte[] operationId) => euicc.Session.QueryFirstOrDefaultAsync<Exchange>(
        $"SELECT {Columns} FROM exchange WHERE eid = @Eid AND operation_id = @Id AND kind = @Kind ORDER BY created DESC LIMIT 1",
        new { Eid = euicc.EidBytes, Id = operationId, Kind = (int)ExchangeKind.DownloadTrigger });

    /// <summary>Its answer is no longer awaited.</summary>
    public void Land(LockedEuicc euicc)
    {
        if (euicc.InFlight is { } inFlight && inFlight.AsSpan().SequenceEqual(TransactionId))
        {
            euicc.InFlight = null;
        }
    }

    public async ValueTask InsertAsync(LockedEuicc euicc) => await euicc.Session.SendAsync(Insert, new
    {
        Eid = euicc.EidBytes,
        TransactionId,
        OperationId,
        Task = (int)Task,
        Step,
        Kind = (int)Kind,
        Counter,
        Request,
        Created,
        Pollers,
    }).ConfigureAwait(false);

    /// <summary>It was delivered once more.</summary>
    public async ValueTask DeliveredAgainAsync(LockedEuicc euicc, Pollers pollers) => await euicc.Session.SendAsync(
        $"UPDATE exchange SET deliveries = deliveries + 1, delivered = @Now, pollers = @Pollers, held_until = @Until {ThisOne}",
        new { Eid = euicc.EidBytes, TransactionId, Created, euicc.Now, Pollers = pollers.Format(), Until = pollers.HeldUntil }).ConfigureAwait(false);

    /// <summary>A round has ended without an answer.</summary>
    public async ValueTask HeldAsync(LockedEuicc euicc, Pollers pollers) => await euicc.Session.SendAsync(
        $"UPDATE exchange SET pollers = @Pollers, held_until = @Until {ThisOne}",
        new { Eid = euicc.EidBytes, TransactionId, Created, Pollers = pollers.Format(), Until = pollers.HeldUntil }).ConfigureAwait(false);

    public async ValueTask AnsweredAsync(LockedEuicc euicc, ReadOnlyMemory<byte> response) => await euicc.Session.SendAsync(
        $"UPDATE exchange SET response = @Response, answered = @Now {ThisOne}",
        new { Eid = euicc.EidBytes, TransactionId, Created, Response = response.ToArray(), euicc.Now }).ConfigureAwait(false);

    /// <summary>An answer that proves nothing: remember it in words, and do not give the package to this caller for a while.</summary>
    public async ValueTask RefusedAsync(LockedEuicc euicc, string note, EimOptions options)
    {
        if (Answered is not null)
        {
            return;
        }

        var pollers = Exchanges.Pollers.Parse(Pollers);
        pollers.Refuse(euicc.Caller, euicc.Now, options);
        if (!note.StartsWith(ExchangeNotes.Reported, StringComparison.Ordinal))
        {
            euicc.SetTrouble(ExchangeNotes.Describe(note) ?? "the device does not answer this command");
        }

        await euicc.Session.SendAsync(
            $"UPDATE exchange SET note = @Note, pollers = @Pollers, held_until = @Until {ThisOne} AND answered IS NULL",
            new { Eid = euicc.EidBytes, TransactionId, Created, Note = note, Pollers = pollers.Format(), Until = pollers.HeldUntil }).ConfigureAwait(false);
    }

    /// <summary>The eUICC has signed that it ran the package before; its result is looked for.</summary>
    public async ValueTask MarkReplayedAsync(LockedEuicc euicc) => await euicc.Session.SendAsync(
        $"UPDATE exchange SET note = @Note {ThisOne} AND answered IS NULL",
        new { Eid = euicc.EidBytes, TransactionId, Created, Note = ExchangeNotes.Replayed }).ConfigureAwait(false);

    private bool IsOfItsKind()
    {
        try
        {
            var reader = new BerReader(Request);
            reader.ReadEncoded(out var tag);
            reader.ThrowIfNotEmpty();
            return tag == (0xBF00u | (uint)Kind);
        }
        catch (ProtocolException)
        {
            // Somebody has spoilt the row: it is told apart from what can be delivered, and its operation ends.
            return false;
        }
    }
}

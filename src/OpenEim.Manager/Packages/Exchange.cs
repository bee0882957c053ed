using OpenEim.Manager.Euiccs;

namespace OpenEim.Manager.Packages;

/// <summary>What kind of package an exchange began with: the last byte of its tag.</summary>
internal enum ExchangeKind
{
    EuiccPackage = 0x51,
    DataRequest = 0x52,
    DownloadTrigger = 0x54,
}

/// <summary>The beginnings of the notes that are kept of answers that changed nothing.</summary>
internal static class ExchangeNotes
{
    public const string Unverifiable = "unverifiable: ";

    /// <summary>The eUICC says that it has run the package before.</summary>
    public const string Replayed = "the eUICC answered that the package is a replay";
}

/// <summary>One package or request and its answer. The bytes are stored before they leave, and are always the same.</summary>
internal sealed class Exchange
{
    public const string Columns = """
        transaction_id, operation_id, task, step, kind, counter, request, response, created, deliveries, held_until, answered
        """;

    private const string Insert = """
        INSERT INTO exchange (eid, transaction_id, operation_id, task, step, kind, counter, request, created, deliveries, delivered)
        VALUES (@Eid, @TransactionId, @OperationId, @Task, @Step, @Kind, @Counter, @Request, @Created, 1, @Created)
        """;

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

    /// <summary>The packages that have run, says the eUICC, and whose results never came.</summary>
    public static ValueTask<IReadOnlyList<Exchange>> ReplayedAsync(LockedEuicc euicc) => euicc.Session.QueryAsync<Exchange>(
        $"SELECT {Columns} FROM exchange WHERE eid = @Eid AND answered IS NULL AND note = @Note",
        new { Eid = euicc.EidBytes, Note = ExchangeNotes.Replayed });

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
    }).ConfigureAwait(false);

    public async ValueTask DeliveredAgainAsync(LockedEuicc euicc) => await euicc.Session.SendAsync(
        "UPDATE exchange SET deliveries = deliveries + 1, delivered = @Now WHERE eid = @Eid AND transaction_id = @TransactionId AND created = @Created",
        new { Eid = euicc.EidBytes, TransactionId, Created, euicc.Now }).ConfigureAwait(false);

    public async ValueTask AnsweredAsync(LockedEuicc euicc, ReadOnlyMemory<byte> response) => await euicc.Session.SendAsync(
        "UPDATE exchange SET response = @Response, answered = @Now WHERE eid = @Eid AND transaction_id = @TransactionId AND created = @Created",
        new { Eid = euicc.EidBytes, TransactionId, Created, Response = response.ToArray(), euicc.Now }).ConfigureAwait(false);

    /// <summary>An answer that changes nothing: remember it in words, and do not send the package again for a while.</summary>
    public async ValueTask HoldAsync(LockedEuicc euicc, string note, TimeSpan hold) => await euicc.Session.SendAsync(
        "UPDATE exchange SET note = @Note, held_until = @Until WHERE eid = @Eid AND transaction_id = @TransactionId AND created = @Created AND answered IS NULL",
        new { Eid = euicc.EidBytes, TransactionId, Created, Note = note, Until = euicc.Now + (long)hold.TotalMilliseconds }).ConfigureAwait(false);
}

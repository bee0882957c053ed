using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Euiccs;

/// <summary>One eUICC's row, locked by the transaction that reads it: whoever holds it may change everything about this EID.</summary>
internal sealed class LockedEuicc
{
    private static readonly LockingQuery Select = new("""
        SELECT id, organisation_id, slice, pending_count, tasks, in_flight, counter, revision, association_token, public_key,
               signature_rule, token_given, token_claimed, sgp32_version, last_audited, last_synced, modified, trouble_since, trouble_message
        FROM euicc WHERE eid = @Eid
        """);

    private const string Update = """
        UPDATE euicc SET pending_count = @PendingCount, tasks = @Tasks, in_flight = @InFlight, counter = @Counter, revision = @Revision,
               association_token = @AssociationToken, public_key = @PublicKey, signature_rule = @SignatureRule, sgp32_version = @Sgp32Version,
               token_claimed = @TokenClaimed,
               last_audited = @LastAudited, last_synced = @LastSynced, modified = @Modified,
               trouble_since = @TroubleSince, trouble_message = @TroubleMessage
        WHERE eid = @Eid
        """;

    private readonly EuiccRow _row;

    private LockedEuicc(DbSession session, Eid eid, EuiccRow row, long now)
    {
        Session = session;
        Eid = eid;
        EidBytes = eid.ToBytes();
        _row = row;
        Now = now;
    }

    /// <summary>The transaction.</summary>
    public DbSession Session { get; }

    public Eid Eid { get; }

    public byte[] EidBytes { get; }

    /// <summary>The transaction's time, Unix milliseconds.</summary>
    public long Now { get; }

    public long Id => _row.Id;

    public long OrganisationId => _row.OrganisationId;

    /// <summary>Which background worker looks after it.</summary>
    public long Slice => _row.Slice;

    public EuiccTasks Tasks => (EuiccTasks)_row.Tasks;

    /// <summary>The last number in the order of what happened to this eUICC's operations.</summary>
    public long Revision => _row.Revision;

    /// <summary>The exchange whose answer is awaited.</summary>
    public byte[]? InFlight
    {
        get => _row.InFlight;
        set => _row.InFlight = value;
    }

    /// <summary>The counter of the last package.</summary>
    public long Counter => _row.Counter;

    public long? AssociationToken
    {
        get => _row.AssociationToken;
        set => _row.AssociationToken = value;
    }

    /// <summary>Another token than <see cref="AssociationToken"/>: claimed by a device, or replaced before any signature proved it.</summary>
    public long? ClaimedToken => _row.TokenClaimed;

    /// <summary>SubjectPublicKeyInfo of the verified certificate.</summary>
    public byte[]? PublicKey
    {
        get => _row.PublicKey;
        set => _row.PublicKey = value;
    }

    public SignatureRule SignatureRule
    {
        get => (SignatureRule)_row.SignatureRule;
        set => _row.SignatureRule = (int)value;
    }

    /// <summary>Which version of SGP.32 the device speaks. Change it only by what is believed.</summary>
    public SpokenVersion Version
    {
        get => (SpokenVersion)_row.Sgp32Version;
        set => _row.Sgp32Version = (int)value;
    }

    /// <summary>Who has sent the message that the row is locked for.</summary>
    public EsipaCaller Caller { get; init; } = EsipaCaller.Unknown;

    /// <summary>Reads and locks the row; null when nobody has registered the EID.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="eid">Which.</param>
    /// <param name="now">The transaction's time, Unix milliseconds.</param>
    /// <param name="caller">Who has sent the message that it is locked for.</param>
    public static async ValueTask<LockedEuicc?> LockAsync(DbSession session, Eid eid, long now, EsipaCaller? caller = null)
    {
        var row = await session.QueryFirstOrDefaultAsync<EuiccRow>(Select, new { Eid = eid.ToBytes() }).ConfigureAwait(false);
        return row is null ? null : new LockedEuicc(session, eid, row, now) { Caller = caller ?? EsipaCaller.Unknown };
    }

    /// <summary>
    /// A device tells, and nobody signs, which token its eUICC has for this eIM; 0 for none. It replaces a token that the operator did not give and
    /// no signature has proved. Else it is only remembered.
    /// </summary>
    /// <returns>Whether packages are signed with another token from now on.</returns>
    public bool ClaimToken(long told)
    {
        if (told == (AssociationToken ?? 0))
        {
            return false;
        }

        if (SignatureRule != SignatureRule.Unknown || _row.TokenGiven != 0)
        {
            _row.TokenClaimed = told;
            return false;
        }

        UseToken(told);
        return true;
    }

    /// <summary>As long as no signature has proved a token, the other one may be right.</summary>
    /// <returns>Whether there is another one: packages are signed with it from now on.</returns>
    public bool TryOtherToken()
    {
        if (SignatureRule != SignatureRule.Unknown || ClaimedToken is not { } other || other == (AssociationToken ?? 0))
        {
            return false;
        }

        UseToken(other);
        return true;
    }

    /// <summary>A signature of the eUICC verifies with this token: it is the right one.</summary>
    public void ProveToken(long? token)
    {
        if ((token ?? 0) != (AssociationToken ?? 0))
        {
            UseToken(token ?? 0);
        }
    }

    /// <summary>The counter of the next package: one higher than any before.</summary>
    public long NextCounter() => ++_row.Counter;

    /// <summary>The next number in the order of what happens to this eUICC's operations.</summary>
    public long NextRevision() => ++_row.Revision;

    /// <summary>Adds a task of the eIM's own.</summary>
    public void Add(EuiccTasks task)
    {
        if (Tasks == EuiccTasks.None)
        {
            _row.PendingCount++;
        }

        _row.Tasks |= (int)task;
    }

    /// <summary>Ends a task of the eIM's own.</summary>
    public void End(EuiccTasks task)
    {
        if (Tasks == EuiccTasks.None)
        {
            return;
        }

        _row.Tasks &= (int)~task;
        if (Tasks == EuiccTasks.None)
        {
            _row.PendingCount--;
        }
    }

    /// <summary>An operation has become final.</summary>
    public void OperationEnded() => _row.PendingCount--;

    /// <summary>The eUICC has signed something: its profiles are known as of now, and its device's answers can be believed.</summary>
    public void MarkSynced()
    {
        _row.LastSynced = _row.Modified = Now;
        ClearTrouble();
    }

    /// <summary>An audit has told all of it.</summary>
    public void MarkAudited() => _row.LastAudited = _row.LastSynced = _row.Modified = Now;

    /// <summary>The device does not answer, or its answers are refused. Since when is kept until an answer is believed.</summary>
    public void SetTrouble(string message)
    {
        _row.TroubleSince ??= Now;
        _row.TroubleMessage = message;
    }

    /// <summary>An answer was believed.</summary>
    public void ClearTrouble() => (_row.TroubleSince, _row.TroubleMessage) = (null, null);

    /// <summary>The counter leaves out some values, for a card that has gone on without us.</summary>
    /// <param name="count">How many.</param>
    /// <param name="limit">The highest value that it may take.</param>
    public void SkipCounters(long count, long limit) => _row.Counter = Math.Max(_row.Counter, Math.Min(_row.Counter + count, limit));

    /// <summary>Writes the row back.</summary>
    public async ValueTask SaveAsync() => await Session.SendAsync(
        Update,
        new
        {
            Eid = EidBytes,
            _row.PendingCount,
            _row.Tasks,
            _row.InFlight,
            _row.Counter,
            _row.Revision,
            _row.AssociationToken,
            _row.PublicKey,
            _row.SignatureRule,
            _row.Sgp32Version,
            _row.TokenClaimed,
            _row.LastAudited,
            _row.LastSynced,
            _row.Modified,
            _row.TroubleSince,
            _row.TroubleMessage,
        }).ConfigureAwait(false);

    private void UseToken(long token)
    {
        _row.TokenClaimed = AssociationToken ?? 0;
        AssociationToken = token == 0 ? null : token;
    }

    private sealed class EuiccRow
    {
        public long Id { get; init; }

        public long OrganisationId { get; init; }

        public long Slice { get; init; }

        public long PendingCount { get; set; }

        public int Tasks { get; set; }

        public byte[]? InFlight { get; set; }

        public long Counter { get; set; }

        public long Revision { get; set; }

        public long? AssociationToken { get; set; }

        public byte[]? PublicKey { get; set; }

        public int SignatureRule { get; set; }

        public int TokenGiven { get; init; }

        public long? TokenClaimed { get; set; }

        public int Sgp32Version { get; set; }

        public long? LastAudited { get; set; }

        public long? LastSynced { get; set; }

        public long Modified { get; set; }

        public long? TroubleSince { get; set; }

        public string? TroubleMessage { get; set; }
    }
}

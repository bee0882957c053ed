namespace OpenEim.Manager.Queries;

/// <summary>How many lists that may take long are read at the same time.</summary>
/// <param name="PerToken">By one application token.</param>
/// <param name="PerOrganisation">By all tokens of one organisation.</param>
public sealed record ListLimits(int PerToken = 4, int PerOrganisation = 8)
{
    /// <summary>How many more of an application token's may wait.</summary>
    public int WaitingPerToken => 2 * PerToken;

    /// <summary>How many more of an organisation's may wait.</summary>
    public int WaitingPerOrganisation => 2 * PerOrganisation;
}

/// <summary>Who reads a list.</summary>
/// <param name="OrganisationId">Whose list it is.</param>
/// <param name="TokenId">The application token; 0 for whoever hosts this in his own process.</param>
public readonly record struct ListCaller(long OrganisationId, long TokenId)
{
    /// <summary>A caller without an application token.</summary>
    public static implicit operator ListCaller(long organisationId) => new(organisationId, 0);
}

/// <summary>An application token, or its organisation, reads as many lists as it may, and as many wait as may: ask again later.</summary>
public sealed class ListsBusyException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ListsBusyException()
        : this("Too many lists that take long are read at the same time by this application token or its organisation")
    {
    }

    /// <summary>Creates the exception.</summary>
    public ListsBusyException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public ListsBusyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Hands out turns at lists that may take long, so that one caller's do not take the place of everybody else's.</summary>
public sealed class ListTurns(ListLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Count> _tokens = [];
    private readonly Dictionary<long, Count> _organisations = [];
    private readonly LinkedList<Turn> _waiting = [];

    /// <summary>Waits for a turn; dispose it when the list is read.</summary>
    /// <exception cref="ListsBusyException">Too many wait already.</exception>
    public async ValueTask<IDisposable> EnterAsync(ListCaller caller, CancellationToken ct = default)
    {
        var turn = new Turn(this, caller);
        lock (_lock)
        {
            var (token, organisation) = CountsOf(caller);
            if (TryBegin(token, organisation))
            {
                return turn;
            }

            if (token.Waiting >= limits.WaitingPerToken || organisation.Waiting >= limits.WaitingPerOrganisation)
            {
                throw new ListsBusyException();
            }

            token.Waiting++;
            organisation.Waiting++;
            _waiting.AddLast(turn.Place);
        }

        await using var cancellation = ct.Register(() => GiveUp(turn, ct)).ConfigureAwait(false);
        await turn.Begun.Task.ConfigureAwait(false);
        return turn;
    }

    private bool TryBegin(Count token, Count organisation)
    {
        if (token.Running >= limits.PerToken || organisation.Running >= limits.PerOrganisation)
        {
            return false;
        }

        token.Running++;
        organisation.Running++;
        return true;
    }

    private void GiveUp(Turn turn, CancellationToken ct)
    {
        lock (_lock)
        {
            if (turn.Place.List is null)
            {
                return; // it has begun
            }

            StopWaiting(turn);
            Forget(turn.Caller);
        }

        turn.Begun.TrySetCanceled(ct);
    }

    private void End(Turn ended)
    {
        lock (_lock)
        {
            var (token, organisation) = CountsOf(ended.Caller);
            token.Running--;
            organisation.Running--;
            Forget(ended.Caller);
            for (var place = _waiting.First; place is not null;)
            {
                var turn = place.Value;
                place = place.Next;
                var counts = CountsOf(turn.Caller);
                if (TryBegin(counts.Token, counts.Organisation))
                {
                    StopWaiting(turn);
                    turn.Begun.TrySetResult();
                }
            }
        }
    }

    private void StopWaiting(Turn turn)
    {
        _waiting.Remove(turn.Place);
        var (token, organisation) = CountsOf(turn.Caller);
        token.Waiting--;
        organisation.Waiting--;
    }

    private (Count Token, Count Organisation) CountsOf(ListCaller caller) => (CountOf(_tokens, caller.TokenId), CountOf(_organisations, caller.OrganisationId));

    private static Count CountOf(Dictionary<long, Count> counts, long id)
    {
        if (!counts.TryGetValue(id, out var count))
        {
            counts[id] = count = new Count();
        }

        return count;
    }

    private void Forget(ListCaller caller)
    {
        var (token, organisation) = CountsOf(caller);
        if (token is { Running: 0, Waiting: 0 })
        {
            _tokens.Remove(caller.TokenId);
        }

        if (organisation is { Running: 0, Waiting: 0 })
        {
            _organisations.Remove(caller.OrganisationId);
        }
    }

    private sealed class Count
    {
        public int Running { get; set; }

        public int Waiting { get; set; }
    }

    private sealed class Turn : IDisposable
    {
        private readonly ListTurns _turns;
        private int _isEnded;

        public Turn(ListTurns turns, ListCaller caller)
        {
            (_turns, Caller) = (turns, caller);
            Place = new LinkedListNode<Turn>(this);
        }

        public ListCaller Caller { get; }

        public LinkedListNode<Turn> Place { get; }

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isEnded, 1) == 0)
            {
                _turns.End(this);
            }
        }
    }
}

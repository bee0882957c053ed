namespace OpenEim.Storage.Postgres;

/// <summary>A write that may share a transaction with writes of other keys.</summary>
internal abstract class GroupJob(CancellationToken ct)
{
    /// <summary>No two writes of one key are under way at the same time.</summary>
    public abstract byte[] Key { get; }

    /// <summary>The write itself.</summary>
    public abstract PipelineJob Job { get; }

    /// <summary>The caller's token; it counts until the job starts.</summary>
    public CancellationToken CancellationToken { get; } = ct;

    /// <summary>Tells the caller what the write has returned, now that it is durable, or has thrown.</summary>
    public abstract void Complete();

    /// <summary>Runs it anew in a transaction of its own.</summary>
    public abstract Task RunAloneAsync(PostgresDatabase database);

    public abstract void Cancel();

    public abstract void Fail(Exception exception);
}

internal sealed class GroupJob<T>(byte[] key, Func<DbSession, ValueTask<T>> write, CancellationToken ct) : GroupJob(ct)
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PipelineJob<T> _job = new(write);

    public Task<T> Task => _completion.Task;

    public override byte[] Key => key;

    public override PipelineJob Job => _job;

    public override void Complete()
    {
        if (_job.Failure is { } failure)
        {
            _completion.SetException(failure);
        }
        else
        {
            _completion.SetResult(_job.Answer!);
        }
    }

    public override async Task RunAloneAsync(PostgresDatabase database)
    {
        try
        {
            _completion.SetResult(await database.WriteInTurnAsync(_job, CancellationToken.None).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // The exception belongs to the caller, who gets it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _completion.SetException(e);
        }
    }

    public override void Cancel() => _completion.SetCanceled(CancellationToken);

    public override void Fail(Exception exception) => _completion.SetException(exception);
}

/// <summary>Gathers writes: what comes while transactions are under way goes together into the next.</summary>
/// <param name="run">Runs a group to its end; it does not throw.</param>
/// <param name="maxGroups">Groups under way at the same time.</param>
internal sealed class PostgresGroups(Func<IReadOnlyList<GroupJob>, Task> run, int maxGroups)
{
    private const int MaxJobs = 64;

    private readonly Lock _gate = new();
    private readonly HashSet<byte[]> _busy = new(KeyComparer.Instance);
    private readonly LinkedList<GroupJob> _waiting = new();
    private int _running;

    public void Add(GroupJob job)
    {
        lock (_gate)
        {
            _waiting.AddLast(job);
            if (_running == maxGroups)
            {
                return;
            }

            _running++;
        }

        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (Take() is { Count: > 0 } group)
        {
            await run(group).ConfigureAwait(false);
            lock (_gate)
            {
                group.ForEach(job => _busy.Remove(job.Key));
            }
        }
    }

    /// <summary>The next group, in the order of arrival but for those whose key is busy; empty ends the loop.</summary>
    private List<GroupJob> Take()
    {
        var group = new List<GroupJob>();
        lock (_gate)
        {
            for (var node = _waiting.First; node is not null && group.Count < MaxJobs;)
            {
                var next = node.Next;
                if (node.Value.CancellationToken.IsCancellationRequested)
                {
                    _waiting.Remove(node);
                    node.Value.Cancel();
                }
                else if (_busy.Add(node.Value.Key))
                {
                    _waiting.Remove(node);
                    group.Add(node.Value);
                }

                node = next;
            }

            if (group.Count == 0)
            {
                _running--;
            }
        }

        return group;
    }
}

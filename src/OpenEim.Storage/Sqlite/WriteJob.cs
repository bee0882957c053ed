namespace OpenEim.Storage.Sqlite;

/// <summary>One caller's transaction, waiting for the writer.</summary>
internal abstract class WriteJob(CancellationToken ct)
{
    /// <summary>The caller's token; it counts until the job starts.</summary>
    public CancellationToken CancellationToken { get; } = ct;

    /// <summary>Runs the caller's code and keeps its answer until the commit.</summary>
    public abstract void Run(DbSession session);

    /// <summary>Tells the caller that its transaction is durable.</summary>
    public abstract void Succeed();

    public abstract void Fail(Exception exception);

    public abstract void Cancel();
}

internal sealed class WriteJob<T>(Func<DbSession, ValueTask<T>> write, CancellationToken ct) : WriteJob(ct)
{
    // Without RunContinuationsAsynchronously the callers' code would run on the writer's thread.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _answer;

    // What is logged and traced inside belongs to the caller's request, whichever thread runs it.
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    public Task<T> Task => _completion.Task;

    public override void Run(DbSession session)
    {
        if (_context is null)
        {
            RunHere(session);
            return;
        }

        ExecutionContext.Run(_context, static state =>
        {
            var (job, session) = ((WriteJob<T>, DbSession))state!;
            job.RunHere(session);
        }, (this, session));
    }

    public override void Succeed() => _completion.SetResult(_answer!);

    public override void Fail(Exception exception) => _completion.SetException(exception);

    public override void Cancel() => _completion.SetCanceled(CancellationToken);

    private void RunHere(DbSession session)
    {
        var pending = write(session);
        _answer = pending.IsCompletedSuccessfully ? pending.Result : pending.AsTask().GetAwaiter().GetResult();
    }
}

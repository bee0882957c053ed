namespace OpenEim.Storage.Postgres;

/// <summary>One caller's write, run from its beginning as often as PostgreSQL undoes it.</summary>
internal abstract class PipelineJob
{
    // What is logged and traced inside belongs to the caller's request, whichever thread runs it.
    private readonly ExecutionContext? _context = ExecutionContext.Capture();

    /// <summary>The session of the current run.</summary>
    public PipelinedSession? Session { get; private set; }

    /// <summary>What the caller's code threw in the current run.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Runs the caller's code, keeping what it returns or throws.</summary>
    public async Task RunAsync(PipelinedSession session)
    {
        Session = session;
        Failure = null;
        try
        {
            var run = Task.CompletedTask;
            if (_context is null)
            {
                run = CallAsync(session);
            }
            else
            {
                ExecutionContext.Run(_context, _ => run = CallAsync(session), null);
            }

            await run.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The exception belongs to the caller, who gets it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failure = e;
        }
    }

    protected abstract Task CallAsync(PipelinedSession session);
}

/// <summary>A write with what it returns.</summary>
internal sealed class PipelineJob<T>(Func<DbSession, ValueTask<T>> write) : PipelineJob
{
    /// <summary>What the caller's code returned in the last run.</summary>
    public T? Answer { get; private set; }

    protected override async Task CallAsync(PipelinedSession session) => Answer = await write(session).ConfigureAwait(false);
}

using System.Runtime.ExceptionServices;
using Npgsql;

namespace OpenEim.Storage.Postgres;

/// <summary>One transaction that carries one write or many, which take turns: what all of them ask next leaves in one exchange.</summary>
/// <remarks>
/// A write awaits nothing but its session, so all of them sooner or later have either ended or ask for something: that is a round. An
/// exchange with PostgreSQL costs far more than most statements, and a commit far more than an exchange, so writes that come together
/// cost little more than one.
/// </remarks>
internal sealed class Pipeline(NpgsqlConnection connection, NpgsqlTransaction transaction)
{
    private readonly Lock _gate = new();
    private readonly List<(PipelinedSession Session, PipelineRequest Request)> _asked = [];
    private TaskCompletionSource _quiet = NewQuiet();
    private Exception? _broken;
    private int _busy;

    /// <summary>Runs all of them to their ends, without committing.</summary>
    /// <exception cref="Exception">A statement failed, and with it the transaction; the jobs have seen that too.</exception>
    public async Task RunAsync(IReadOnlyList<PipelineJob> jobs)
    {
        _busy = jobs.Count;
        foreach (var job in jobs)
        {
            _ = RunAsync(job);
        }

        while (true)
        {
            await _quiet.Task.ConfigureAwait(false);
            var round = TakeAsked();
            if (round.Count == 0)
            {
                break;
            }

            await AnswerAsync(round).ConfigureAwait(false);
        }

        if (_broken is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Sends what has waited and commits it, in one exchange.</summary>
    public async Task CommitAsync(IEnumerable<PipelineJob> jobs)
    {
        var batch = new NpgsqlBatch(connection, transaction);
        await using (batch.ConfigureAwait(false))
        {
            foreach (var command in jobs.SelectMany(job => job.Session!.TakeUnsent()))
            {
                batch.BatchCommands.Add(command);
            }

            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
            await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Called by a session: waits for the round's answer.</summary>
    public Task AskAsync(PipelinedSession session, PipelineRequest request)
    {
        lock (_gate)
        {
            if (_broken is { } failure)
            {
                return Task.FromException(failure);
            }

            if (_asked.Exists(asked => ReferenceEquals(asked.Session, session)))
            {
                throw new InvalidOperationException("A session was asked for something before its last answer had come.");
            }

            _asked.Add((session, request));
        }

        Rest();
        return request.Answered;
    }

    private static TaskCompletionSource NewQuiet() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync(PipelineJob job)
    {
        try
        {
            await job.RunAsync(new PipelinedSession(this)).ConfigureAwait(false);
        }
        finally
        {
            Rest();
        }
    }

    /// <summary>One write has ended or waits.</summary>
    private void Rest()
    {
        if (Interlocked.Decrement(ref _busy) == 0)
        {
            _quiet.SetResult();
        }
    }

    private List<(PipelinedSession Session, PipelineRequest Request)> TakeAsked()
    {
        lock (_gate)
        {
            List<(PipelinedSession, PipelineRequest)> round = [.. _asked];
            _asked.Clear();
            return round;
        }
    }

    private async Task AnswerAsync(List<(PipelinedSession Session, PipelineRequest Request)> round)
    {
        Exception? failure = null;
        try
        {
            await ExchangeAsync(round).ConfigureAwait(false);
            foreach (var (_, request) in round)
            {
                await request.RunAloneAsync(connection, transaction).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // Whatever broke the transaction is handed to every write in it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
        }

        lock (_gate)
        {
            _broken = failure;
        }

        _quiet = NewQuiet();
        _busy = round.Count;
        foreach (var (_, request) in round)
        {
            if (failure is null)
            {
                request.Complete();
            }
            else
            {
                request.Fail(failure);
            }
        }
    }

    private async Task ExchangeAsync(List<(PipelinedSession Session, PipelineRequest Request)> round)
    {
        var batch = new NpgsqlBatch(connection, transaction);
        await using (batch.ConfigureAwait(false))
        {
            foreach (var (session, request) in round)
            {
                foreach (var command in session.TakeUnsent())
                {
                    batch.BatchCommands.Add(command);
                }

                if (request.Before is { } before)
                {
                    batch.BatchCommands.Add(before);
                }

                if (request.Query is { } query)
                {
                    batch.BatchCommands.Add(query);
                }
            }

            if (batch.BatchCommands.Count == 0)
            {
                return;
            }

            var reader = await batch.ExecuteReaderAsync().ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                // Only queries have results, so these come in the order of the queries.
                foreach (var (_, request) in round.Where(asked => asked.Request.Query is not null))
                {
                    if (request.Before is not null)
                    {
                        await reader.NextResultAsync().ConfigureAwait(false);
                    }

                    await request.ReadAsync(reader).ConfigureAwait(false);
                    await reader.NextResultAsync().ConfigureAwait(false);
                }
            }
        }
    }
}

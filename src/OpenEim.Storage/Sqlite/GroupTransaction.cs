using Microsoft.Data.Sqlite;

namespace OpenEim.Storage.Sqlite;

/// <summary>The writer's connection and its current transaction, in which every job has a savepoint.</summary>
internal sealed class GroupTransaction : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly PreparingConnection _preparing;
    private readonly SqliteSession _session;
    private readonly RawStatement _save;
    private readonly RawStatement _release;
    private readonly RawStatement _undo;
    private readonly WriteAheadLog _log;
    private SqliteTransaction? _transaction;

    public GroupTransaction(SqliteConnection connection)
    {
        _connection = connection;
        _preparing = new PreparingConnection(connection);
        _session = new SqliteSession(_preparing, null);
        _save = new RawStatement(connection.Handle!, "SAVEPOINT job");
        _release = new RawStatement(connection.Handle!, "RELEASE job");
        _undo = new RawStatement(connection.Handle!, "ROLLBACK TO job");
        _log = new WriteAheadLog(connection);
    }

    public void Begin()
    {
        // Takes the write lock now: a transaction that began by reading could not wait for it later.
        _transaction = _connection.BeginTransaction(deferred: false);
        _session.Transaction = _transaction;
    }

    /// <summary>Runs the job; what it threw is returned, and all that it wrote is undone.</summary>
    /// <exception cref="StorageException">The whole transaction is lost.</exception>
    public Exception? TryRun(WriteJob job)
    {
        Exception? failure = null;
        _save.Run();
        try
        {
            job.Run(_session);
        }
#pragma warning disable CA1031 // The exception belongs to the job's caller, who gets it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
            Undo(e);
        }

        _release.Run();
        return failure;
    }

    public void Commit()
    {
        _transaction!.Commit();
        End();
    }

    /// <summary>After a commit: see <see cref="WriteAheadLog"/>.</summary>
    public void FoldLogWhenLong(Action endSnapshot) => _log.FoldWhenLong(endSnapshot);

    /// <summary>Undoes the transaction, or what is left of it.</summary>
    public void Abandon()
    {
        // Does nothing when SQLite has already undone it.
        _transaction?.Dispose();
        End();
    }

    public void Dispose()
    {
        Abandon();
        _save.Dispose();
        _release.Dispose();
        _undo.Dispose();
        _preparing.Dispose();
    }

    private void Undo(Exception cause)
    {
        try
        {
            _undo.Run();
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException)
        {
            // SQLite undoes the whole transaction by itself when, for instance, the disk is full.
            throw new StorageException($"The transaction was undone: {cause.Message}", cause);
        }
    }

    private void End()
    {
        _transaction?.Dispose();
        _transaction = null;
        _session.Transaction = null;
    }
}

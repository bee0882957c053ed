using Npgsql;

namespace OpenEim.Storage.Postgres;

/// <summary>What PostgreSQL's failures mean.</summary>
internal static class PostgresFailures
{
    /// <summary>Whether PostgreSQL cannot be reached, goes down, or comes up.</summary>
    public static bool IsLostConnection(Exception e) => e switch
    {
        PostgresException { SqlState: var state } =>
            state.StartsWith("08", StringComparison.Ordinal) // connection exceptions
            || state is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
                or PostgresErrorCodes.TooManyConnections,
        NpgsqlException => !IsTimeout(e),
        ObjectDisposedException { ObjectName: var name } => name.Contains("Npgsql", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Whether there is no answer, for one of those reasons or because it takes too long.</summary>
    public static bool IsUnavailable(Exception e) => IsLostConnection(e) || IsTimeout(e) || IsEnded(e) || IsStorage(e);

    /// <summary>Whether PostgreSQL cannot store: its disk is full or fails, its files are damaged, or it is a standby that only reads.</summary>
    public static bool IsStorage(Exception e) => IsReadOnly(e) || e is PostgresException
    {
        SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.IoError or PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted
    };

    /// <summary>Whether something was to be written where only reading is allowed: by a standby, or by our own readers, where it is a mistake of ours.</summary>
    public static bool IsReadOnly(Exception e) => e is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    /// <summary>Whether the transaction was undone for a reason that may be gone when it is run again.</summary>
    /// <remarks>
    /// A unique violation: another transaction has made the row since this one looked for it; looking again finds it. Two that hold
    /// what the other wants: one of them was chosen to go back.
    /// </remarks>
    public static bool IsWorthRepeating(Exception e) => IsLostConnection(e) || e is PostgresException
    {
        SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
    };

    private static bool IsTimeout(Exception e) => e is NpgsqlException { InnerException: TimeoutException };

    /// <summary>Whether PostgreSQL has ended the statement because it took too long.</summary>
    private static bool IsEnded(Exception e) => e is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled };

    public static StorageUnavailableException Unavailable(string name, Exception e) => IsEnded(e)
        ? new StorageTimeoutException($"A statement on the database {name} took too long and was ended.", e)
        : IsStorage(e) ? new StorageUnavailableException($"The database {name} cannot store: {((PostgresException)e).MessageText}", e)
        : new StorageUnavailableException($"The database {name} does not answer: {(e.InnerException ?? e).Message}", e);

    /// <summary>Says in a sentence why the database cannot be used.</summary>
    public static StorageException Explain(string name, Exception e) => new($"The database {name} cannot be used: {(e is PostgresException p ? p.MessageText : (e.InnerException ?? e).Message)}", e);
}

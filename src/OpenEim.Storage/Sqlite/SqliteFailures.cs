using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OpenEim.Storage.Sqlite;

/// <summary>What SQLite's failures mean.</summary>
internal static class SqliteFailures
{
    /// <summary>Says in a sentence why the file cannot be used.</summary>
    public static StorageException Explain(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new StorageException($"The data file {path} is damaged or is not a database.", e),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new StorageException($"The data file {path} is locked by another process.", e),
        raw.SQLITE_READONLY => new StorageException($"The data file {path} cannot be written.", e),
        raw.SQLITE_FULL => new StorageException($"The disk that holds the data file {path} is full.", e),
        raw.SQLITE_CANTOPEN => new StorageException($"The data file {path} cannot be opened.", e),
        raw.SQLITE_IOERR => new StorageException($"The disk that holds the data file {path} fails or is full.", e),
        _ => new StorageException($"The data file {path} cannot be used: {e.Message}", e),
    };

    /// <summary>What callers are told: that the file cannot be used at present, where that is the reason; otherwise the exception itself.</summary>
    public static Exception Translate(string path, Exception e) =>
        Cause(e) is { } cause ? new StorageUnavailableException(Explain(path, cause).Message, cause) : e;

    /// <summary>Whether the file, its disk or its lock is the reason, and not the statement.</summary>
    public static bool IsUnavailable(Exception e) => Cause(e) is not null;

    /// <summary>As <see cref="IsUnavailable"/>; a read that tries to write is refused by its own connection, and a mistake of ours.</summary>
    public static bool IsUnavailableForReads(Exception e) => Cause(e) is { SqliteErrorCode: not raw.SQLITE_READONLY };

    /// <summary>Whether it stays so until somebody mends the file.</summary>
    public static bool IsDamage(Exception e) => Cause(e) is { SqliteErrorCode: raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB };

    private static SqliteException? Cause(Exception e)
    {
        var cause = e is StorageException ? e.InnerException as SqliteException : e as SqliteException;
        return cause?.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM or raw.SQLITE_READONLY or raw.SQLITE_IOERR
            or raw.SQLITE_CORRUPT or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN or raw.SQLITE_PROTOCOL or raw.SQLITE_NOTADB
            ? cause
            : null;
    }
}

using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OpenEim.Storage.Sqlite;

/// <summary>Copies the log back into the data file, so that it begins anew instead of growing for ever.</summary>
/// <remarks>
/// SQLite would do it by itself at the end of a commit, but there it meets the snapshot of the one-row reads, which lags by this very
/// commit: under a steady stream of polls the log would never be copied back whole, and so never begin anew.
/// </remarks>
internal sealed class WriteAheadLog(SqliteConnection writer)
{
    /// <summary>A page that changes often is copied back seldom: 32 MiB of log.</summary>
    private const int MaxPages = 8000;

    private const int RetryPages = 1000;

    private int _threshold = MaxPages;

    /// <summary>Called after a commit, when no snapshot is older than it.</summary>
    /// <param name="endSnapshot">Ends the snapshot once more: one that begins when all is copied back reads the file and holds no place in the log.</param>
    public void FoldWhenLong(Action endSnapshot)
    {
        _ = raw.sqlite3_db_status(writer.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 0);
        if (pages < _threshold)
        {
            return;
        }

        // A reader that takes long keeps a part of the log; then another attempt follows later.
        var result = raw.sqlite3_wal_checkpoint_v2(writer.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var length, out var folded);
        if (result == raw.SQLITE_OK && folded == length)
        {
            endSnapshot();
            _ = raw.sqlite3_db_status(writer.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out _, out _, 1);
            _threshold = MaxPages;
        }
        else
        {
            _threshold = pages + RetryPages;
        }
    }
}

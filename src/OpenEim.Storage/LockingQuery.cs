namespace OpenEim.Storage;

/// <summary>A SELECT inside a write whose rows nobody else can change until the write ends.</summary>
/// <remarks>SQLite has one writer, so the text is enough there. Keep it in a static field.</remarks>
/// <param name="sql">On PostgreSQL the lock follows it.</param>
/// <param name="of">The table whose rows are locked, by its name in the statement; null: all of them.</param>
/// <param name="skipLocked">Whether rows that another transaction holds are passed over instead of waited for.</param>
public sealed class LockingQuery(string sql, string? of = null, bool skipLocked = false)
{
    private readonly string _postgres = sql + " FOR UPDATE" + (of is null ? "" : " OF " + of) + (skipLocked ? " SKIP LOCKED" : "");

    internal string TextFor(DbEngine engine) => engine == DbEngine.Postgres ? _postgres : sql;
}

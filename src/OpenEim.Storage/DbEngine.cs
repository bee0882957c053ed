namespace OpenEim.Storage;

/// <summary>What stands behind a <see cref="Database"/>. Statements are one text for both wherever the dialects allow.</summary>
public enum DbEngine
{
    /// <summary>One SQLite file: one process, one writer at a time.</summary>
    Sqlite,

    /// <summary>PostgreSQL: many processes, rows locked one by one.</summary>
    Postgres,
}

namespace OpenEim.Storage;

/// <summary>How a database's schema compares with the schema files of this program.</summary>
/// <param name="Applied">Files of this program that the database has, in the order of their numbers.</param>
/// <param name="Missing">Files of this program that it lacks: it must be upgraded before the program can use it.</param>
/// <param name="Newer">Files that this program does not know: a newer version has upgraded it, which versions before bear.</param>
public sealed record SchemaState(IReadOnlyList<string> Applied, IReadOnlyList<string> Missing, IReadOnlyList<string> Newer)
{
    /// <summary>Whether the program can use the database.</summary>
    public bool IsUsable => Missing.Count == 0;
}

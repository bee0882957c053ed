using System.Reflection;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Storage;

namespace OpenEim.Hosting.Running;

/// <summary>A service's database: a file in its data folder, or what the setting <c>Database</c> names.</summary>
/// <param name="Program">The program that has the <c>db</c> commands.</param>
/// <param name="Owner">Whose data they are, as it stands in a sentence.</param>
/// <param name="Schema">The assembly with the schema files.</param>
/// <param name="FileName">The file in the data folder.</param>
/// <param name="Companions">Files that a start makes after it has made the database.</param>
public sealed record ServiceDatabase(string Program, string Owner, Assembly Schema, string FileName, IReadOnlyList<string> Companions)
{
    /// <summary>The connection string.</summary>
    /// <exception cref="SetupException">The file of an earlier start is missing.</exception>
    public string ConnectionString(CommonOptions options, DataFolder folder)
    {
        RefuseLost(options, folder);
        return options.Database ?? "Data Source=" + folder.PathOf(FileName);
    }

    /// <summary>A file in the data folder that is missing beside what an earlier start has left is not made anew unasked.</summary>
    /// <exception cref="SetupException">It is missing.</exception>
    public void RefuseLost(CommonOptions options, DataFolder folder)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(folder);
        if (options.Database is null)
        {
            folder.RefuseLostDatabase(FileName, options.NewDatabase, [.. Companions]);
        }
    }

    /// <summary>A folder that was mistyped must not become a backup of nothing.</summary>
    /// <exception cref="SetupException">It is empty.</exception>
    public void RefuseEmpty(Database database)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (database.Schema(Schema).Applied.Count == 0)
        {
            throw new SetupException($"{database.Name} holds no data of {Owner}; --data or --database must name the one that is meant.");
        }
    }

    /// <summary>Opens it. A file of our own is brought up to date; a shared database is not: the program that serves it may not change its schema.</summary>
    /// <exception cref="SetupException">It cannot be opened, or has not been upgraded.</exception>
    public async Task<Database> OpenAsync(CommonOptions options, DataFolder folder, DatabaseOptions how)
    {
        Database? database = null;
        try
        {
            database = Database.Open(ConnectionString(options, folder), how);
            if (database.Engine == DbEngine.Sqlite)
            {
                database.Upgrade(Schema);
            }
            else
            {
                RefuseOutdated(database);
            }

            return database;
        }
        catch (Exception e)
        {
            if (database is not null)
            {
                await database.DisposeAsync().ConfigureAwait(false);
            }

            if (e is StorageException)
            {
                throw new SetupException(e.Message, e);
            }

            throw;
        }
    }

    private void RefuseOutdated(Database database)
    {
        if (database.Schema(Schema) is { IsUsable: false } state)
        {
            throw new SetupException(
                $"The database {database.Name} lacks {string.Join(", ", state.Missing)}: run {Program} db upgrade as the schema's owner first.");
        }
    }
}

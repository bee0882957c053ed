using System.Reflection;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Manager;
using OpenEim.Storage;

namespace OpenEim.Server;

/// <summary>The eIM's database: a file in the data folder, or what the setting <c>Database</c> names.</summary>
internal static class EimDatabase
{
    /// <summary>Whose schema it has.</summary>
    public static Assembly Schema => typeof(Eim).Assembly;

    private const string FileName = "openeim.db";

    /// <summary>The connection string.</summary>
    /// <exception cref="SetupException">The file of an earlier start is missing.</exception>
    public static string ConnectionString(ServerOptions options, DataFolder folder)
    {
        RefuseLost(options, folder);
        return options.Database ?? "Data Source=" + folder.PathOf(FileName);
    }

    /// <summary>A file in the data folder that is missing beside what an earlier start has left is not made anew unasked.</summary>
    /// <exception cref="SetupException">It is missing.</exception>
    public static void RefuseLost(ServerOptions options, DataFolder folder)
    {
        if (options.Database is null)
        {
            folder.RefuseLostDatabase(FileName, options.NewDatabase, "master.key", EimHost.ApplicationTokenName, "pki/eim.key");
        }
    }

    /// <summary>Opens it. A file of our own is brought up to date; a shared database is not: whoever serves it may not change its schema.</summary>
    /// <exception cref="SetupException">It cannot be opened, or has not been upgraded.</exception>
    public static Database Open(ServerOptions options, DataFolder folder, ILoggerFactory loggers, StorageMeter meter, TimeProvider time)
    {
        Database? database = null;
        try
        {
            database = Database.Open(ConnectionString(options, folder), new DatabaseOptions { LoggerFactory = loggers, Meter = meter, Time = time });
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
            database?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            if (e is StorageException)
            {
                throw new SetupException(e.Message, e);
            }

            throw;
        }
    }

    private static void RefuseOutdated(Database database)
    {
        if (database.Schema(Schema) is { IsUsable: false } state)
        {
            throw new SetupException(
                $"The database {database.Name} lacks {string.Join(", ", state.Missing)}: run openeim-server db upgrade as the schema's owner first.");
        }
    }
}

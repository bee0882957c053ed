using System.Reflection;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Storage;

namespace OpenEim.Smdp;

/// <summary>The SM-DP+'s database: a file in its data folder, or what the setting <c>Database</c> names.</summary>
internal static class SmdpStorage
{
    /// <summary>Whose schema it has.</summary>
    public static Assembly Schema => typeof(SmdpStorage).Assembly;

    private const string FileName = "openeim-smdp.db";

    /// <summary>The connection string.</summary>
    /// <exception cref="SetupException">The file of an earlier start is missing.</exception>
    public static string ConnectionString(SmdpOptions options, DataFolder folder)
    {
        RefuseLost(options, folder);
        return options.Database ?? "Data Source=" + folder.PathOf(FileName);
    }

    /// <summary>A file in the data folder that is missing beside what an earlier start has left is not made anew unasked.</summary>
    /// <exception cref="SetupException">It is missing.</exception>
    public static void RefuseLost(SmdpOptions options, DataFolder folder)
    {
        if (options.Database is null)
        {
            folder.RefuseLostDatabase(FileName, options.NewDatabase, "master.key", "pki/dppb.key");
        }
    }

    /// <summary>Opens it. A file of our own is brought up to date; a shared database is not: whoever serves it may not change its schema.</summary>
    /// <exception cref="SetupException">It cannot be opened, or has not been upgraded.</exception>
    public static Database Open(SmdpOptions options, DataFolder folder, ILoggerFactory loggers, StorageMeter? meter = null, TimeProvider? time = null)
    {
        Database? database = null;
        try
        {
            database = Database.Open(
                ConnectionString(options, folder), new DatabaseOptions
                {
                    LoggerFactory = loggers,
                    Meter = meter ?? StorageMeter.Unscoped,
                    Time = time ?? TimeProvider.System,
                });
            if (database.Engine == DbEngine.Sqlite)
            {
                database.Upgrade(Schema);
            }
            else if (database.Schema(Schema) is { IsUsable: false } state)
            {
                throw new StorageException(
                    $"The database {database.Name} lacks {string.Join(", ", state.Missing)}: run openeim-smdp db upgrade as the schema's owner first.");
            }

            return database;
        }
        catch (StorageException e)
        {
            database?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw new SetupException(e.Message, e);
        }
    }
}

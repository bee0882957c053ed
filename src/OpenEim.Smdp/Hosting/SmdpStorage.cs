using OpenEim.Storage;
using OpenEim.Storage.Files;

namespace OpenEim.Smdp;

/// <summary>The SM-DP+'s database in its data folder.</summary>
internal static class SmdpStorage
{
    /// <summary>Opens it, and brings its schema up to date.</summary>
    /// <exception cref="SetupException">It cannot be opened.</exception>
    public static Database Open(DataFolder folder, ILoggerFactory loggers, StorageMeter? meter = null)
    {
        try
        {
            var database = Database.Open(folder.PathOf("openeim-smdp.db"), new DatabaseOptions { LoggerFactory = loggers, Meter = meter ?? StorageMeter.Unscoped });
            database.Upgrade(typeof(SmdpStorage).Assembly);
            return database;
        }
        catch (StorageException e)
        {
            throw new SetupException(e.Message, e);
        }
    }
}

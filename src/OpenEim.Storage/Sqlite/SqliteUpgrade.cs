using System.Reflection;
using DbUp;
using DbUp.Sqlite.Helpers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace OpenEim.Storage.Sqlite;

/// <summary>Applies an assembly's <c>Schema/Sqlite/NNNN_name.sql</c> resources.</summary>
internal static class SqliteUpgrade
{
    public static int Run(SqliteFile file, Assembly assembly, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        try
        {
            return Apply(file, assembly, logger);
        }
        catch (SqliteException e)
        {
            throw SqliteFailures.Explain(file.Path, e);
        }
    }

    private static int Apply(SqliteFile file, Assembly assembly, ILogger logger)
    {
        using var connection = file.OpenWriter();
        using var shared = new SharedConnection(connection);

        // One transaction for all: on SQLite it takes the write lock before it reads the journal, so that
        // processes that start together take turns, and the later ones find nothing left to do.
        var result = DeployChanges.To
            .SqliteDatabase(shared)
            .WithScripts(SchemaScripts.Of(assembly, DbEngine.Sqlite))
            .WithTransaction()
            .WithVariablesDisabled()
            .LogTo(new UpgradeLog(logger))
            .Build()
            .PerformUpgrade();
        return result.Successful ? SchemaScripts.Report(logger, result.Scripts)
            : result.Error is SqliteException e && SqliteFailures.IsUnavailable(e) ? throw SqliteFailures.Explain(file.Path, e)
            : throw SchemaScripts.Failure(file.Path, result);
    }

    public static SchemaState Read(SqliteFile file, Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        try
        {
            using var connection = file.OpenReader();
            return SchemaScripts.Compare(assembly, DbEngine.Sqlite, Journal(connection));
        }
        catch (SqliteException e)
        {
            throw SqliteFailures.Explain(file.Path, e);
        }
    }

    private static List<string> Journal(SqliteConnection connection)
    {
        using var exists = connection.CreateCommand();
        exists.CommandText = "SELECT count(*) FROM sqlite_master WHERE name = 'SchemaVersions'";
        if (exists.ExecuteScalar() is not 1L)
        {
            return [];
        }

        using var names = connection.CreateCommand();
        names.CommandText = "SELECT ScriptName FROM SchemaVersions ORDER BY ScriptName";
        using var reader = names.ExecuteReader();
        var journal = new List<string>();
        while (reader.Read())
        {
            journal.Add(reader.GetString(0));
        }

        return journal;
    }
}

using System.Reflection;
using DbUp;
using DbUp.Engine;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OpenEim.Storage.Postgres;

/// <summary>The schema of a PostgreSQL database: an assembly's <c>Schema/Postgres/NNNN_name.sql</c> resources.</summary>
internal static partial class PostgresSchema
{
    /// <summary>Of the advisory lock under which upgrades take turns: any number, the same in all versions.</summary>
    private const long UpgradeLock = 0x4F70656E45494D;

    private const int MaxAttempts = 60;

    public static int Upgrade(PostgresSettings settings, Assembly assembly, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        try
        {
            using var turn = new NpgsqlConnection(settings.Maintenance);
            turn.Open();
            using var wait = new NpgsqlCommand($"SELECT pg_advisory_lock({UpgradeLock})", turn);
            wait.ExecuteNonQuery();
            RefuseForeign(settings, assembly);
            return Apply(settings, assembly, logger);
        }
        catch (NpgsqlException e)
        {
            throw PostgresFailures.Explain(settings.Name, e);
        }
    }

    public static SchemaState Read(PostgresSettings settings, Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        try
        {
            return SchemaScripts.Compare(assembly, DbEngine.Postgres, Journal(settings));
        }
        catch (NpgsqlException e)
        {
            throw PostgresFailures.Explain(settings.Name, e);
        }
    }

    private static int Apply(PostgresSettings settings, Assembly assembly, ILogger logger)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = Apply(settings, SchemaScripts.Of(assembly, DbEngine.Postgres), logger);
            if (result.Successful)
            {
                return SchemaScripts.Report(logger, result.Scripts);
            }

            if (attempt == MaxAttempts || result.Error is not PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected })
            {
                throw SchemaScripts.Failure(settings.Name, result);
            }

            LogWaiting(logger, result.ErrorScript?.Name, attempt);
            Thread.Sleep(TimeSpan.FromSeconds(1));
        }
    }

    private static DatabaseUpgradeResult Apply(PostgresSettings settings, IEnumerable<SqlScript> scripts, ILogger logger)
    {
        // One transaction for all, so that nodes never see half an upgrade.
        return DeployChanges.To
            .PostgresqlDatabase(settings.Upgrade)
            .WithScripts(scripts)
            .WithTransaction()
            .WithVariablesDisabled()
            .WithExecutionTimeout(TimeSpan.Zero)
            .LogTo(new UpgradeLog(logger))
            .Build()
            .PerformUpgrade();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Script} waits for those who use its tables; attempt {Attempt} was undone, the next follows")]
    private static partial void LogWaiting(ILogger logger, string? script, int attempt);

    /// <summary>The eIM and the SM-DP+ have tables of the same names.</summary>
    private static void RefuseForeign(PostgresSettings settings, Assembly assembly)
    {
        var own = assembly.GetName().Name + ".";
        if (Journal(settings).FirstOrDefault(name => !name.StartsWith(own, StringComparison.Ordinal)) is { } foreign)
        {
            throw new StorageException(
                $"The database {settings.Name} holds the tables of another program ({foreign}): give each its own database, or its own schema by Search Path.");
        }
    }

    private static List<string> Journal(PostgresSettings settings)
    {
        using var connection = new NpgsqlConnection(settings.Maintenance);
        connection.Open();
        using var exists = new NpgsqlCommand("SELECT to_regclass('schemaversions') IS NOT NULL", connection);
        if (exists.ExecuteScalar() is not true)
        {
            return [];
        }

        using var names = new NpgsqlCommand("SELECT scriptname FROM schemaversions ORDER BY scriptname", connection);
        using var reader = names.ExecuteReader();
        var journal = new List<string>();
        while (reader.Read())
        {
            journal.Add(reader.GetString(0));
        }

        return journal;
    }
}

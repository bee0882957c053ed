using System.Globalization;
using System.Reflection;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using DbUp.Sqlite.Helpers;
using Microsoft.Extensions.Logging;

namespace OpenEim.Storage.Sqlite;

/// <summary>Applies an assembly's <c>Schema/Sqlite/NNNN_name.sql</c> resources.</summary>
internal static partial class SqliteUpgrade
{
    private const string Folder = ".Schema.Sqlite.";

    public static int Run(SqliteFile file, Assembly assembly, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        using var connection = file.OpenWriter();
        using var shared = new SharedConnection(connection);

        // One transaction for all: on SQLite it takes the write lock before it reads the journal, so that
        // processes that start together take turns, and the later ones find nothing left to do.
        var result = DeployChanges.To
            .SqliteDatabase(shared)
            .WithScripts(Scripts(assembly))
            .WithTransaction()
            .WithVariablesDisabled()
            .LogTo(new UpgradeLog(logger))
            .Build()
            .PerformUpgrade();
        if (!result.Successful)
        {
            var script = result.ErrorScript?.Name ?? "the journal";
            throw new StorageException($"The schema of {file.Path} could not be upgraded: {script}: {result.Error.Message}", result.Error);
        }

        var applied = result.Scripts.Select(script => script.Name).ToList();
        if (applied is [.., var last])
        {
            LogUpgraded(logger, applied.Count, last);
        }

        return applied.Count;
    }

    private static IEnumerable<SqlScript> Scripts(Assembly assembly)
    {
        foreach (var name in assembly.GetManifestResourceNames())
        {
            if (name.Contains(Folder, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
            {
                using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
                yield return new SqlScript(name, text.ReadToEnd());
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Schema upgraded by {Count} files, to {Name}")]
    private static partial void LogUpgraded(ILogger logger, int count, string name);

    /// <summary>The library's chatter is for debugging; failures come back as the result.</summary>
    private sealed partial class UpgradeLog(ILogger logger) : IUpgradeLog
    {
        public void LogTrace(string format, params object[] args) => Detail(null, format, args);

        public void LogDebug(string format, params object[] args) => Detail(null, format, args);

        public void LogInformation(string format, params object[] args) => Detail(null, format, args);

        public void LogWarning(string format, params object[] args) => Detail(null, format, args);

        public void LogError(string format, params object[] args) => Detail(null, format, args);

        public void LogError(Exception ex, string format, params object[] args) => Detail(ex, format, args);

        private void Detail(Exception? exception, string format, object[] args)
        {
            if (logger.IsEnabled(LogLevel.Debug))
            {
                var message = args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);
                LogDetail(logger, exception, message);
            }
        }

        [LoggerMessage(Level = LogLevel.Debug, Message = "{Message}")]
        private static partial void LogDetail(ILogger logger, Exception? exception, string message);
    }
}

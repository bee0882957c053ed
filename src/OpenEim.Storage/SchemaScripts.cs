using System.Globalization;
using System.Reflection;
using DbUp.Engine;
using DbUp.Engine.Output;
using Microsoft.Extensions.Logging;

namespace OpenEim.Storage;

/// <summary>An assembly's numbered schema files, embedded as <c>Schema/&lt;engine&gt;/NNNN_name.sql</c>.</summary>
internal static partial class SchemaScripts
{
    public static IEnumerable<SqlScript> Of(Assembly assembly, DbEngine engine)
    {
        foreach (var name in Names(assembly, engine))
        {
            using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return new SqlScript(name, text.ReadToEnd());
        }
    }

    public static SchemaState Compare(Assembly assembly, DbEngine engine, IReadOnlyCollection<string> journal)
    {
        var names = Names(assembly, engine).ToList();
        return new SchemaState(
            [.. names.Where(journal.Contains).Select(FileOf)],
            [.. names.Where(name => !journal.Contains(name)).Select(FileOf)],
            [.. journal.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal).Select(FileOf)]);
    }

    /// <summary>Logs what was applied and counts it.</summary>
    public static int Report(ILogger logger, IEnumerable<SqlScript> scripts)
    {
        var applied = scripts.Select(script => script.Name).ToList();
        if (applied is [.., var last])
        {
            LogUpgraded(logger, applied.Count, last);
        }

        return applied.Count;
    }

    public static StorageException Failure(string database, DatabaseUpgradeResult result) =>
        new($"The schema of {database} could not be upgraded: {result.ErrorScript?.Name ?? "the journal"}: {result.Error.Message}", result.Error);

    private static IEnumerable<string> Names(Assembly assembly, DbEngine engine) => assembly.GetManifestResourceNames()
        .Where(name => name.Contains($".Schema.{engine}.", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static string FileOf(string name) =>
        name.IndexOf(".Schema.", StringComparison.Ordinal) is var at and >= 0 ? name[(name.IndexOf('.', at + ".Schema.".Length) + 1)..] : name;

    [LoggerMessage(Level = LogLevel.Information, Message = "Schema upgraded by {Count} files, to {Name}")]
    private static partial void LogUpgraded(ILogger logger, int count, string name);
}

/// <summary>The upgrade library's chatter is for debugging; failures come back as the result.</summary>
internal sealed partial class UpgradeLog(ILogger logger) : IUpgradeLog
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

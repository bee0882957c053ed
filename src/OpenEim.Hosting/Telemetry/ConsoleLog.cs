using System.Text.Json;
using System.Text.Json.Nodes;
using OpenEim.Hosting.Running;
using OpenEim.Hosting.Settings;

namespace OpenEim.Hosting.Telemetry;

/// <summary>The log of the process, on its standard output.</summary>
public static partial class ConsoleLog
{
    /// <summary>A line for what happens to devices, operations and profiles, none for each request; section Logging of the configuration says otherwise.</summary>
    public static void Configure(ILoggingBuilder logging, LogFormat format, IConfiguration configuration)
    {
        if (format == LogFormat.Json)
        {
            logging.AddJsonConsole(console =>
            {
                console.IncludeScopes = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(console => console.SingleLine = true);
        }

        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddConfiguration(configuration.GetSection("Logging"));
    }

    /// <summary>Says that the host is up, in the form of the log, so that a reader of its lines can read this one.</summary>
    /// <typeparam name="THost">The host, whose name the line bears.</typeparam>
    /// <param name="format">The form of the log.</param>
    /// <param name="sentence">For people.</param>
    /// <param name="addresses">Where it listens, by the names of the settings.</param>
    public static void Started<THost>(LogFormat format, string sentence, params ReadOnlySpan<(string Name, Uri? Url)> addresses)
    {
        var state = new JsonObject();
        foreach (var (name, url) in addresses)
        {
            state[name] = url?.ToString();
        }

        StandardOutput.WriteLine(format == LogFormat.Text ? sentence : new JsonObject
        {
            ["LogLevel"] = nameof(LogLevel.Information),
            ["Category"] = typeof(THost).FullName,
            ["Message"] = sentence,
            ["State"] = state,
        }.ToJsonString(JsonSerializerOptions.Web));
    }

    /// <summary>Writes what ended the process without a sentence of its own.</summary>
    /// <typeparam name="THost">The host, whose name the line bears.</typeparam>
    public static void Failed<THost>(Exception exception, string correlationId)
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
        var logger = loggers.CreateLogger<THost>();
        LogFailed(logger, exception, correlationId);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The process has failed; correlation id {CorrelationId}")]
    private static partial void LogFailed(ILogger logger, Exception exception, string correlationId);
}

using System.Text.Json;
using System.Text.Json.Nodes;
using OpenEim.Hosting.Running;

namespace OpenEim.Smdp;

/// <summary>The log of the process, on its standard output.</summary>
internal static partial class ConsoleLog
{
    /// <summary>A line for what happens to profiles, none for each request; section Logging of the configuration says otherwise.</summary>
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

    /// <summary>Says that the SM-DP+ is up, in the form of the log, so that whoever reads its lines can read this one.</summary>
    public static void Started(SmdpHost host)
    {
        var sentence = $"ES9+ {host.Es9PlusUrl}  ES2+ {host.Es2PlusUrl}  address in activation codes {host.Address}";
        StandardOutput.WriteLine(host.Options.LogFormat == LogFormat.Text ? sentence : new JsonObject
        {
            ["LogLevel"] = nameof(LogLevel.Information),
            ["Category"] = typeof(SmdpHost).FullName,
            ["Message"] = sentence,
            ["State"] = new JsonObject
            {
                ["Es9PlusUrl"] = host.Es9PlusUrl.ToString(),
                ["Es2PlusUrl"] = host.Es2PlusUrl.ToString(),
                ["MetricsUrl"] = host.MetricsUrl?.ToString(),
            },
        }.ToJsonString(JsonSerializerOptions.Web));
    }

    /// <summary>Writes what ended the process without a sentence of its own.</summary>
    public static void Failed(Exception exception, string correlationId)
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
        var logger = loggers.CreateLogger<SmdpHost>();
        LogFailed(logger, exception, correlationId);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The process has failed; correlation id {CorrelationId}")]
    private static partial void LogFailed(ILogger logger, Exception exception, string correlationId);
}

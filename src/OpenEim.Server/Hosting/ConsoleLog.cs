using System.Text.Json;
using System.Text.Json.Nodes;
using OpenEim.Hosting.Running;

namespace OpenEim.Server;

/// <summary>The log of the process, on its standard output.</summary>
internal static partial class ConsoleLog
{
    /// <summary>A line for what happens to devices and operations, none for each request; section Logging of the configuration says otherwise.</summary>
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

    /// <summary>Says that the server is up, in the form of the log, so that whoever reads its lines can read this one.</summary>
    public static void Started(EimHost host)
    {
        // Another node may have made the token, in its own folder.
        var token = File.Exists(host.ApplicationTokenPath) ? $"  application token in {host.ApplicationTokenPath}" : "";
        var sentence = $"REST API {host.ApiUrl}  ESipa {host.EsipaUrl}{token}";
        StandardOutput.WriteLine(host.Options.LogFormat == LogFormat.Text ? sentence : new JsonObject
        {
            ["LogLevel"] = nameof(LogLevel.Information),
            ["Category"] = typeof(EimHost).FullName,
            ["Message"] = sentence,
            ["State"] = new JsonObject
            {
                ["ApiUrl"] = host.ApiUrl.ToString(),
                ["EsipaUrl"] = host.EsipaUrl.ToString(),
                ["MetricsUrl"] = host.MetricsUrl?.ToString(),
            },
        }.ToJsonString(JsonSerializerOptions.Web));
    }

    /// <summary>Writes what ended the process without a sentence of its own.</summary>
    public static void Failed(Exception exception, string correlationId)
    {
        using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
        var logger = loggers.CreateLogger<EimHost>();
        LogFailed(logger, exception, correlationId);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The process has failed; correlation id {CorrelationId}")]
    private static partial void LogFailed(ILogger logger, Exception exception, string correlationId);
}

using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Console;
using OpenEim.Storage;
using OpenEim.Tests.Api;
using OpenEim.Tests.EndToEnd;

namespace OpenEim.Tests.Telemetry;

/// <summary>What is logged: one correlation id from the answer to the log and the trace, and no secret anywhere.</summary>
[Collection(OtlpReceiver.Hosts)]
public abstract class LogTests(DbEngine engine)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_id_of_a_caller_is_echoed_when_it_may_stand_in_logs_and_replaced_otherwise()
    {
        await using var api = await ApiHost.StartAsync(engine);

        Assert.Equal("Order-7.4_x", await EchoAsync(api, "Order-7.4_x"));
        Assert.Equal(new string('a', 128), await EchoAsync(api, new string('a', 128)));
        string[] refused = [new('a', 129), "two words", "<script>", "line\tbreak"];
        foreach (var bad in refused)
        {
            Assert.Matches("^[0-9a-f]{32}$", await EchoAsync(api, bad));
        }

        Assert.NotEqual(await EchoAsync(api, null), await EchoAsync(api, null));
    }

    [Fact]
    public async Task Internal_error_has_one_id_in_its_answer_its_header_and_its_line_in_the_log()
    {
        using var log = new JsonLog();
        await using var eim = await Installation.StartAsync(engine: engine, logging: log.Configure);
        await eim.Host.Database.WriteAsync(session => session.ExecuteAsync("ALTER TABLE euicc RENAME TO lost"), Ct);

        using var answer = await eim.Client.GetAsync(new Uri(eim.Host.ApiUrl, "/api/v1/euicc/1"), Ct);

        var id = Assert.Single(answer.Headers.GetValues("X-Request-Id"));
        Assert.Contains($"correlation id is {id}", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        var line = Assert.Single(log.Lines, line => line["LogLevel"]!.GetValue<string>() == "Error");
        Assert.Equal(id, line["State"]!["CorrelationId"]!.GetValue<string>());
        Assert.Equal(id, CorrelationOf(line));
    }

    [Fact]
    public async Task Every_line_about_a_request_bears_its_id_which_is_the_traces()
    {
        using var log = new JsonLog();
        await using var collector = await OtlpReceiver.StartAsync();
        await using (var eim = await Installation.StartAsync(engine: engine, logging: log.Configure, configure: options => options with { OtlpEndpoint = collector.Url }))
        {
            await eim.ScheduleAsync(3, Installation.Iccid(2));
            await eim.Fleet.Devices[0].PollOnceAsync(Ct);
        }

        string[] sentences = ["EuiccPackage delivered", "is Succeeded", "its certificate leads to a trusted CI"];
        var traces = collector.Received("/v1/traces");
        foreach (var sentence in sentences)
        {
            var line = log.Lines.First(line => line["Message"]!.GetValue<string>().Contains(sentence, StringComparison.Ordinal));
            var id = CorrelationOf(line);
            Assert.NotNull(id);
            Assert.Contains(System.Text.Encoding.Latin1.GetString(Convert.FromHexString(id)), traces, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_secret_of_a_download_stands_in_logs_traces_or_metrics(bool indirect)
    {
        const string ConfirmationCode = "Zebra-4711-Lantern";
        using var log = new JsonLog(LogLevel.Trace);
        await using var collector = await OtlpReceiver.StartAsync();
        var secrets = new List<string> { ConfirmationCode };
        var metrics = "";
        await using (var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect)
        {
            Engine = engine,
            ConfirmationCode = ConfirmationCode,
            Logging = log.Configure,
            Eim = options => options with { OtlpEndpoint = collector.Url, MetricsUrl = new Uri("http://127.0.0.1:0") },
            Smdp = options => options with { OtlpEndpoint = collector.Url, MetricsUrl = new Uri("http://127.0.0.1:0") },
        }))
        {
            var order = await lab.OrderAsync(confirmationCode: ConfirmationCode);
            secrets.AddRange([order.ActivationCode, order.MatchingId]);
            secrets.Add((await File.ReadAllTextAsync(lab.Eim.ApplicationTokenPath, Ct)).Trim());
            secrets.Add(lab.Client.DefaultRequestHeaders.Authorization!.Parameter!);
            var operation = await lab.DownloadAsync(order.ActivationCode, enable: true);
            await lab.PollAsync();
            Assert.Equal("Succeeded", await lab.StatusAsync(operation));
            using var subscriber = Assert.Single(await lab.Smdp.Profiles.ExportAsync([order.Iccid.ToString()], Ct));
            secrets.AddRange([Convert.ToHexString(subscriber.Key), Convert.ToBase64String(subscriber.Key), Convert.ToHexString(subscriber.Opc), subscriber.Imsi.ToString()]);
            metrics = (await Scrape.ReadAsync(lab.Client, lab.Eim.MetricsUrl!)).Text + (await Scrape.ReadAsync(lab.Client, lab.Smdp.MetricsUrl!)).Text;
        }

        var all = log.Text + collector.Received("/v1/traces") + collector.Received("/v1/metrics") + metrics;
        Assert.Contains("is Succeeded", all, StringComparison.Ordinal);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, all, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<string?> EchoAsync(ApiHost api, string? id)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api.Eim.ApiUrl, "/health/live"));
        if (id is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Request-Id", id);
        }

        return (await api.SendAsync(request, "")).Header("X-Request-Id");
    }

    private static string? CorrelationOf(JsonNode line) => line["Scopes"]!.AsArray()
        .Select(scope => (scope as JsonObject)?["CorrelationId"]?.GetValue<string>()).FirstOrDefault(id => id is not null);

    /// <summary>The log as the process writes it with <c>--log-format json</c>.</summary>
    private sealed class JsonLog(LogLevel level = LogLevel.Information) : ILoggerProvider, ISupportExternalScope
    {
        private readonly ConcurrentQueue<string> _lines = new();
        private readonly ServiceProvider _services = new ServiceCollection()
            .AddLogging(logging => logging.AddJsonConsole(console => console.IncludeScopes = true)).BuildServiceProvider();

        private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public IEnumerable<JsonNode> Lines => _lines.Select(line => JsonNode.Parse(line)!);

        public string Text => string.Concat(_lines);

        public void Configure(ILoggingBuilder logging) => logging.SetMinimumLevel(level).AddProvider(this);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

        public void Dispose() => _services.Dispose();

        private sealed class Writer(JsonLog log, string category) : ILogger
        {
            private readonly ConsoleFormatter _formatter =
                log._services.GetServices<ConsoleFormatter>().Single(formatter => formatter.Name == ConsoleFormatterNames.Json);

            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => log._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                using var line = new StringWriter();
                _formatter.Write(new Microsoft.Extensions.Logging.Abstractions.LogEntry<TState>(logLevel, category, eventId, state, exception, formatter), log._scopes, line);
                log._lines.Enqueue(line.ToString());
            }
        }
    }
}

public sealed class LogTestsOnSqlite() : LogTests(DbEngine.Sqlite);

public sealed class LogTestsOnPostgres() : LogTests(DbEngine.Postgres);

using System.CommandLine;
using OpenEim.Hosting.Commands;
using OpenEim.Hosting.Running;
using OpenEim.Hosting.Telemetry;
using OpenEim.Smdp;

var data = new Option<string?>("--data") { Description = "The folder that everything is kept in (default: openeim-smdp-data).", Recursive = true };
var database = new Option<string?>("--database") { Description = "The database: \"Host=…;Username=…;Database=…\" or postgres://… for PostgreSQL (default: a SQLite file in the data folder).", Recursive = true };
var masterKey = new Option<string?>("--master-key") { Description = "The file with the key of the database's secrets, the same for all nodes (default: one in the data folder; made when it is missing).", Recursive = true };
var es9PlusUrl = new Option<string?>("--es9plus-url") { Description = "Where devices and eIMs come (default: https://127.0.0.1:8444)." };
var es2PlusUrl = new Option<string?>("--es2plus-url") { Description = "Where operators come (default: http://127.0.0.1:8445)." };
var hosts = new Option<string[]>("--host") { Description = "A name under which devices reach ES9+, with a port where it differs; the first stands in activation codes." };
var pki = new Option<string?>("--pki") { Description = "A folder with PEM files of your own: ci.pem, dpauth, dppb and dptls (.pem, .key)." };
var trust = new Option<string[]>("--es2plus-trust") { Description = "A PEM file with the roots of operators' client certificates." };
var progressUrl = new Option<string?>("--progress-url") { Description = "The operator's server that hears of downloads (ES2+ handleDownloadProgressInfo)." };
var newDatabase = new Option<bool>("--new-database") { Description = "A new database is meant where the one of an earlier start is missing from the data folder; without this, that is refused.", Recursive = true };
var running = new RunningArguments();

IConfiguration ReadConfiguration() => new ConfigurationBuilder().AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().Build();

SmdpOptions Read(ParseResult arguments)
{
    var options = SmdpSettings.Read(ReadConfiguration());
    options = running.Apply(arguments, options);
    return options with
    {
        Data = arguments.GetValue(data) ?? options.Data,
        Database = arguments.GetValue(database) ?? options.Database,
        NewDatabase = options.NewDatabase || arguments.GetValue(newDatabase),
        MasterKey = arguments.GetValue(masterKey) ?? options.MasterKey,
        Es9PlusUrl = arguments.GetValue(es9PlusUrl) is { } es9 ? SmdpSettings.Url("--es9plus-url", es9) : options.Es9PlusUrl,
        Es2PlusUrl = arguments.GetValue(es2PlusUrl) is { } es2 ? SmdpSettings.Url("--es2plus-url", es2) : options.Es2PlusUrl,
        Hosts = arguments.GetValue(hosts) is { Length: > 0 } names ? names : options.Hosts,
        Pki = arguments.GetValue(pki) ?? options.Pki,
        Es2PlusTrust = arguments.GetValue(trust) is { Length: > 0 } files ? files : options.Es2PlusTrust,
        ProgressUrl = arguments.GetValue(progressUrl) is { } progress ? SmdpSettings.Url("--progress-url", progress) : options.ProgressUrl,
    };
}

var root = new RootCommand("openeim-smdp: the server that profiles are downloaded from (SM-DP+, GSMA SGP.22). Settings also come from appsettings.json and OPENEIMSMDP__… environment variables.")
{
    data, database, newDatabase, masterKey, es9PlusUrl, es2PlusUrl, hosts, pki, trust, progressUrl,
    ProfileCommands.Build(Read), new DatabaseCommands(SmdpStorage.Place, Read).Create(),
};
running.AddTo(root);
root.SetAction(async (arguments, _) =>
{
    using var signals = new StopSignals();
    try
    {
        var configuration = ReadConfiguration();
        var options = Read(arguments);
        await using var host = await SmdpHost.StartAsync(
            options, null, logging => ConsoleLog.Configure(logging, options.LogFormat, configuration), signals.First);
        ConsoleLog.Started<SmdpHost>(
            options.LogFormat,
            $"ES9+ {host.Es9PlusUrl}  ES2+ {host.Es2PlusUrl}  address in activation codes {host.Address}",
            (nameof(host.Es9PlusUrl), host.Es9PlusUrl),
            (nameof(host.Es2PlusUrl), host.Es2PlusUrl),
            (nameof(host.MetricsUrl), host.MetricsUrl));
        await signals.WaitAsync();
        await host.StopAsync();
        return 0;
    }
    catch (OperationCanceledException) when (signals.First.IsCancellationRequested)
    {
        return 0;
    }
});

// Who stops this SM-DP+ may have to wait for it: the signals are ours, not the command line's. Failures become sentences in one place.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
return await ProcessEnd.RunAsync(() => root.Parse(args).InvokeAsync(invocation), ConsoleLog.Failed<SmdpHost>);

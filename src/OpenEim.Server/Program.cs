using System.CommandLine;
using OpenEim.Hosting.Running;
using OpenEim.Hosting.Telemetry;
using OpenEim.Server;

var place = new DatabaseArguments();
var masterKey = new Option<string?>("--master-key") { Description = "The file with the key of the database's secrets, the same for all nodes (default: one in the data folder; made when it is missing)." };
var apiUrl = new Option<string?>("--api-url") { Description = "Where the REST API listens (default: http://127.0.0.1:8080)." };
var publicUrl = new Option<string?>("--public-url") { Description = "Where callers reach the REST API, for instance https://eim.example.com: the beginning of all links (default: the address that a request came to)." };
var esipaUrl = new Option<string?>("--esipa-url") { Description = "Where devices poll (default: https://127.0.0.1:8443)." };
var eimId = new Option<string?>("--eim-id") { Description = "The id that eUICCs know this eIM by (default: openeim)." };
var esipaHost = new Option<string[]>("--esipa-host") { Description = "A name under which devices reach ESipa, with a port where it differs; the first stands in the initial configuration." };
var pki = new Option<string?>("--pki") { Description = "A folder with PEM files of your own: ci.pem, eim.pem, eim.key, eimtls.pem, eimtls.key." };
var directDownload = new Option<bool>("--direct-download") { Description = "Devices download profiles from the SM-DP+ themselves, not through this eIM." };
var smdpRoots = new Option<string?>("--smdp-roots") { Description = "A PEM file with roots that SM-DP+s' TLS certificates may lead to beside the CIs." };
var smdpHost = new Option<string[]>("--smdp-host") { Description = "An SM-DP+ that may be called, *.example.com for all below a name; may be given more than once (default: every name)." };
var smdpPrivateNetwork = new Option<string[]>("--smdp-private-network") { Description = "A network such as 10.0.0.0/8 in which SM-DP+s are called although it is not public; may be given more than once (default: none)." };
var es2PlusUrl = new Option<string?>("--es2plus-url") { Description = "The SM-DP+ to order profiles from: scheme, host and port of its ES2+." };
var es2CallbackUrl = new Option<string?>("--es2-callback-url") { Description = "Where that SM-DP+ tells the progress of downloads (mutual TLS)." };
var running = new RunningArguments();

var root = new RootCommand("openeim-server: the eSIM IoT remote manager (eIM, GSMA SGP.32). Settings also come from appsettings.json and OPENEIM__… environment variables.")
{
    masterKey, apiUrl, publicUrl, esipaUrl, eimId, esipaHost, pki, directDownload, smdpRoots, smdpHost, smdpPrivateNetwork, es2PlusUrl, es2CallbackUrl,
};
place.AddTo(root);
running.AddTo(root);
root.Add(EimDatabaseCommands.Create());
root.SetAction(async (arguments, _) =>
{
    using var signals = new StopSignals();
    try
    {
        var configuration = DatabaseArguments.ReadConfiguration();
        var options = place.Apply(arguments, ServerSettings.Read(configuration));
        options = options with
        {
            MasterKey = arguments.GetValue(masterKey) ?? options.MasterKey,
            ApiUrl = arguments.GetValue(apiUrl) is { } api ? ServerSettings.Url("--api-url", api) : options.ApiUrl,
            PublicUrl = arguments.GetValue(publicUrl) is { } address ? ServerSettings.Url("--public-url", address) : options.PublicUrl,
            EsipaUrl = arguments.GetValue(esipaUrl) is { } esipa ? ServerSettings.Url("--esipa-url", esipa) : options.EsipaUrl,
            EimId = arguments.GetValue(eimId) ?? options.EimId,
            EsipaHosts = arguments.GetValue(esipaHost) is { Length: > 0 } hosts ? hosts : options.EsipaHosts,
            Pki = arguments.GetValue(pki) ?? options.Pki,
            IndirectDownload = options.IndirectDownload && !arguments.GetValue(directDownload),
            SmdpRoots = arguments.GetValue(smdpRoots) ?? options.SmdpRoots,
            SmdpHosts = arguments.GetValue(smdpHost) is { Length: > 0 } smdps ? smdps : options.SmdpHosts,
            SmdpPrivateNetworks = arguments.GetValue(smdpPrivateNetwork) is { Length: > 0 } networks ? networks : options.SmdpPrivateNetworks,
            Es2PlusUrl = arguments.GetValue(es2PlusUrl) is { } es2 ? ServerSettings.Url("--es2plus-url", es2) : options.Es2PlusUrl,
            Es2CallbackUrl = arguments.GetValue(es2CallbackUrl) is { } callback ? ServerSettings.Url("--es2-callback-url", callback) : options.Es2CallbackUrl,
        };
        options = running.Apply(arguments, options);
        await using var host = await EimHost.StartAsync(
            options, null, logging => ConsoleLog.Configure(logging, options.LogFormat, configuration), signals.First);

        // Another node may have made the token, in its own folder.
        var token = File.Exists(host.ApplicationTokenPath) ? $"  application token in {host.ApplicationTokenPath}" : "";
        ConsoleLog.Started<EimHost>(
            options.LogFormat,
            $"REST API {host.ApiUrl}  ESipa {host.EsipaUrl}{token}",
            (nameof(host.ApiUrl), host.ApiUrl),
            (nameof(host.EsipaUrl), host.EsipaUrl),
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

// Who stops this server may have to wait for it: the signals are ours, not the command line's. Failures become sentences in one place.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
return await ProcessEnd.RunAsync(() => root.Parse(args).InvokeAsync(invocation), ConsoleLog.Failed<EimHost>);

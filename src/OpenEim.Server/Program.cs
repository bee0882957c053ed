using System.CommandLine;
using OpenEim.Hosting.Running;
using OpenEim.Hosting.Settings;
using OpenEim.Hosting.Telemetry;
using OpenEim.Server;

var root = new RootCommand("openeim-server: the eSIM IoT remote manager (eIM, GSMA SGP.32). Settings also come from appsettings.json and OPENEIM__… environment variables.")
{
    EimDatabaseCommands.Create(),
};
ServerSettings.All.AddTo(root);
root.SetAction((arguments, _) =>
{
    var configuration = HostConfiguration.Read();
    var options = ServerSettings.All.Read(arguments, configuration);
    return HostProcess.ServeAsync(
        ct => EimHost.StartAsync(options, null, logging => ConsoleLog.Configure(logging, options.LogFormat, configuration), ct),
        host =>
        {
            // Another node may have made the token, in its own folder.
            var token = File.Exists(host.ApplicationTokenPath) ? $"  application token in {host.ApplicationTokenPath}" : "";
            ConsoleLog.Started<EimHost>(
                options.LogFormat,
                $"REST API {host.ApiUrl}  ESipa {host.EsipaUrl}{token}",
                (nameof(host.ApiUrl), host.ApiUrl),
                (nameof(host.EsipaUrl), host.EsipaUrl),
                (nameof(host.MetricsUrl), host.MetricsUrl));
        });
});
return await HostProcess.InvokeAsync<EimHost>(root, args);

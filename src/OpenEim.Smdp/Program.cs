using System.CommandLine;
using OpenEim.Hosting.Commands;
using OpenEim.Hosting.Running;
using OpenEim.Hosting.Settings;
using OpenEim.Hosting.Telemetry;
using OpenEim.Smdp;

static SmdpOptions Read(ParseResult arguments) => SmdpSettings.All.Read(arguments, HostConfiguration.Read());

var root = new RootCommand("openeim-smdp: the server that profiles are downloaded from (SM-DP+, GSMA SGP.22). Settings also come from appsettings.json and OPENEIMSMDP__… environment variables.")
{
    ProfileCommands.Build(Read), new DatabaseCommands(SmdpStorage.Place, Read).Create(),
};
SmdpSettings.All.AddTo(root);
root.SetAction((arguments, _) =>
{
    var configuration = HostConfiguration.Read();
    var options = SmdpSettings.All.Read(arguments, configuration);
    return HostProcess.ServeAsync(
        ct => SmdpHost.StartAsync(options, null, logging => ConsoleLog.Configure(logging, options.LogFormat, configuration), ct),
        host => ConsoleLog.Started<SmdpHost>(
            options.LogFormat,
            $"ES9+ {host.Es9PlusUrl}  ES2+ {host.Es2PlusUrl}  address in activation codes {host.Address}",
            (nameof(host.Es9PlusUrl), host.Es9PlusUrl),
            (nameof(host.Es2PlusUrl), host.Es2PlusUrl),
            (nameof(host.MetricsUrl), host.MetricsUrl)));
});
return await HostProcess.InvokeAsync<SmdpHost>(root, args);

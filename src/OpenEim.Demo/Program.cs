using System.CommandLine;
using System.Globalization;
using OpenEim.Demo;
using OpenEim.Hosting.Running;
using OpenEim.Hosting.Settings;
using OpenEim.Protocol;

var data = new Option<string?>("--data") { Description = "The folder that everything is kept in (default: a temporary one, removed at the end)." };
var devices = new Option<int>("--devices") { Description = "How many virtual devices.", DefaultValueFactory = _ => 20 };
var poll = new Option<double>("--poll-seconds") { Description = "The pause between two polls of a device.", DefaultValueFactory = _ => 2 };
var apiUrl = new Option<string>("--api-url") { Description = "Where the REST API listens; port 0 takes a free one.", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
var esipaUrl = new Option<string>("--esipa-url") { Description = "Where devices poll; port 0 takes a free one.", DefaultValueFactory = _ => "https://127.0.0.1:8443" };
var smdpUrl = new Option<string>("--smdp-url") { Description = "Where the SM-DP+ hands out profiles; port 0 takes a free one.", DefaultValueFactory = _ => "https://127.0.0.1:8444" };
var direct = new Option<bool>("--direct-download") { Description = "Devices download from the SM-DP+ themselves, not through the eIM." };
var sgp32 = new Option<string>("--sgp32") { Description = "The version of SGP.32 that new devices speak: 1.0, 1.2 or 1.3.", DefaultValueFactory = _ => "1.2" };
var esipa = new Option<string>("--esipa") { Description = "How devices speak to the eIM: asn1 or json.", DefaultValueFactory = _ => "asn1" };
var pki = new Option<string?>("--pki") { Description = "A folder with PEM files of your own; what it lacks is generated." };
var verbose = new Option<bool>("--verbose") { Description = "Print what server and devices log." };
devices.Validators.Add(result =>
{
    // The parsed value throws where the text is no number.
    if (result.Tokens is [var given] && !(int.TryParse(given.Value, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 90_000))
    {
        result.AddError("--devices must be 1 to 90000");
    }
});
poll.Validators.Add(result =>
{
    if (result.Tokens is [var given] && !(double.TryParse(given.Value, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.05 and <= 86_400))
    {
        result.AddError("--poll-seconds must be 0.05 to 86400");
    }
});

sgp32.AcceptOnlyFromAmong([.. DemoOptions.Versions.Keys]);
esipa.AcceptOnlyFromAmong([.. DemoOptions.Bindings.Keys]);

var root = new RootCommand("OpenEim's demo: an eIM, an SM-DP+ and virtual devices with real eUICC cryptography, in one process.")
{
    data, devices, poll, apiUrl, esipaUrl, smdpUrl, direct, sgp32, esipa, pki, verbose,
};
root.SetAction(async (arguments, ct) =>
{
    var temporary = arguments.GetValue(data) is null ? Directory.CreateTempSubdirectory("openeim-demo-").FullName : null;
    try
    {
        var options = new DemoOptions(
            Path.GetFullPath(arguments.GetValue(data) ?? temporary!),
            arguments.GetValue(devices),
            TimeSpan.FromSeconds(arguments.GetValue(poll)),
            SettingValue.Of("--api-url", arguments.GetValue(apiUrl)).Url(),
            SettingValue.Of("--esipa-url", arguments.GetValue(esipaUrl)).Url(),
            SettingValue.Of("--smdp-url", arguments.GetValue(smdpUrl)).Url(),
            arguments.GetValue(direct),
            DemoOptions.Versions[arguments.GetValue(sgp32)!],
            DemoOptions.Bindings[arguments.GetValue(esipa)!],
            arguments.GetValue(pki),
            arguments.GetValue(verbose));
        await DemoRun.RunAsync(options, ct);
        return 0;
    }
    catch (OperationCanceledException) when (ct.IsCancellationRequested)
    {
        return 0;
    }
    catch (ProtocolException e)
    {
        throw new SetupException(e.Message, e);
    }
    finally
    {
        if (temporary is not null)
        {
            Directory.Delete(temporary, recursive: true);
        }
    }
});
var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
return await ProcessEnd.RunAsync(() => root.Parse(args).InvokeAsync(invocation), (e, id) => Console.WriteLine($"{id}: {e}"));

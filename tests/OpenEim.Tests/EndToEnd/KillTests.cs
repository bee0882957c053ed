using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Demo;
using OpenEim.Device.Fleet;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Server;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>The server as a process of its own, killed without warning in the middle of its work, again and again.</summary>
public sealed class KillTests
{
    private const int Devices = 8;
    private const int Rounds = 6;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_server_loses_nothing_and_nothing_is_executed_twice()
    {
        using var folder = new TempFolder();
        var (api, esipa) = (new Uri($"http://127.0.0.1:{FreePort()}"), new Uri($"https://127.0.0.1:{FreePort()}"));
        using var client = new HttpClient { BaseAddress = api };
        var server = await StartAsync(folder.Path, api, esipa);
        try
        {
            await LoginAsync(client, folder);
            using var fleet = await FleetAsync(client, folder, esipa);
            var executed = fleet.Devices.Sum(device => device.Inspect().ExecutedPackages);
            var scheduled = 0;
            for (var round = 0; round < Rounds; round++)
            {
                scheduled += await ScheduleAsync(client);
                var polls = fleet.Devices.Select(device => device.PollOnceAsync(Ct)).ToList();
                await Task.WhenAny(polls);
                server.Kill();
                await Task.WhenAll(polls);
                await server.WaitForExitAsync(Ct);
                server.Dispose();
                server = await StartAsync(folder.Path, api, esipa);
            }

            await Task.WhenAll(fleet.Devices.Select(device => device.PollOnceAsync(Ct)));

            Assert.Equal(executed + scheduled, fleet.Devices.Sum(device => device.Inspect().ExecutedPackages));
            Assert.All(fleet.Devices, device => Assert.Equal(0, device.Inspect().PendingResults));
            Assert.Equal(scheduled, await CountAsync(client, "Succeeded"));
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
            server.Dispose();
        }
    }

    private static async Task<Process> StartAsync(string data, Uri api, Uri esipa)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "openeim-server.dll");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[] { program, "--data", data, "--api-url", api.ToString(), "--esipa-url", esipa.ToString() })
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync(Ct) is { } line)
        {
            if (line.StartsWith("REST API", StringComparison.Ordinal))
            {
                // What it prints from now on is read away, so that it never waits for us.
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return process;
            }
        }

        throw new InvalidOperationException("the server did not start");
    }

    private static async Task LoginAsync(HttpClient client, TempFolder folder)
    {
        var token = (await File.ReadAllTextAsync(folder.File("application-token"), Ct)).Trim();
        using var response = await client.PostAsJsonAsync("/api/v1/authenticate", new { application_token = token }, Ct);
        var body = await response.Content.ReadFromJsonAsync<JsonObject>(Ct);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", body!["auth_token"]!.GetValue<string>());
    }

    private static async Task<DeviceFleet> FleetAsync(HttpClient client, TempFolder folder, Uri esipa)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var pki = PkiFolder.Open(folder.File("pki"), null, new PkiOptions { Parts = PkiParts.Ci | PkiParts.Eum, Now = now });
        var eim = await client.GetFromJsonAsync<JsonObject>("/api/v1/eim", Ct);
        var fleet = DeviceFleet.Create(
            new FleetOptions
            {
                Folder = folder.File("devices"),
                Count = Devices,
                Profiles = index => [new(DemoFleet.IccidOf(index, 1)) { State = ProfileState.Enabled }, new(DemoFleet.IccidOf(index, 2)) { FallbackAllowed = true }],
                Pki = CardPki.From(pki, now),
                EimConfiguration = Convert.FromBase64String(eim!["add_initial_eim"]!["base64"]!.GetValue<string>()),
                Ipa = new IpaOptions { RetryDelay = TimeSpan.Zero, EimAddress = esipa, FallbackAfterFailedPolls = 0 },
            },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        using var response = await client.PostAsJsonAsync("/api/v1/euicc", fleet.Devices.Select(device => new { eid = device.Eid.ToString() }), Ct);
        response.EnsureSuccessStatusCode();
        await Task.WhenAll(fleet.Devices.Select(device => device.PollOnceAsync(Ct)));
        return fleet;
    }

    private static async Task<int> ScheduleAsync(HttpClient client)
    {
        var count = 0;
        for (var id = 1; id <= Devices; id++)
        {
            var operations = new JsonArray(
                JsonNode.Parse("""{"action":{"id":1}}"""),
                JsonNode.Parse($$"""{"action":{"id":4},"iccid_with_luhn":"{{DemoFleet.IccidOf(id - 1, 2)}}"}"""));
            using var response = await client.PostAsJsonAsync($"/api/v1/euicc/{id}/operation", operations, Ct);
            response.EnsureSuccessStatusCode();
            count += operations.Count;
        }

        return count;
    }

    private static async Task<int> CountAsync(HttpClient client, string status)
    {
        var count = 0;
        for (var id = 1; id <= Devices; id++)
        {
            var operations = await client.GetFromJsonAsync<JsonArray>($"/api/v1/euicc/{id}/operation?per_page=1000", Ct);
            count += operations!.Count(operation => operation!["status"]!["description"]!.GetValue<string>() == status);
        }

        return count;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

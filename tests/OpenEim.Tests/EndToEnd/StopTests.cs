using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using OpenEim.Protocol.Identifiers;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>The order to stop, given to real processes under load: no request that was accepted is lost, what was kept in memory is written, exit code 0.</summary>
public sealed class StopTests : IDisposable
{
    private const int Devices = 20;

    private readonly TempFolder _folder = new();
    private readonly HttpClient _client = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Requests_in_flight_end_contact_times_are_on_disk_and_the_exit_code_is_0()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("there is no SIGTERM on Windows");
        }

        using var server = await StartAsync("openeim-server.dll", "REST API", "--shutdown-delay", "3", "--log-format", "json");
        var (api, esipa) = (server.Url("ApiUrl"), server.Url("EsipaUrl"));
        await RegisterAsync(api);

        // Twelve requests of which the server has taken the head and waits for the body.
        var inFlight = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => HeldRequest.BeginAsync(i % 2 == 0 ? esipa : api, Poll(i), i % 2 == 0)));
        using var begun = new CountdownEvent(8);
        var load = Enumerable.Range(0, begun.InitialCount).Select(i => Task.Run(() => PollUntilToldToGoAsync(esipa, i, begun), Ct)).ToList();
        Assert.True(begun.Wait(TimeSpan.FromMinutes(1), Ct));

        server.Signal("TERM");

        await UntilNotReadyAsync(api);
        var polls = await Task.WhenAll(load);
        Assert.All(polls, count => Assert.True(count > 0));
        await UntilRefusedAsync(esipa);
        Assert.False(server.Process.HasExited);
        foreach (var request in inFlight)
        {
            Assert.StartsWith("HTTP/1.1 ", await request.EndAsync(), StringComparison.Ordinal);
        }

        await server.Process.WaitForExitAsync(Ct);
        Assert.Equal(0, server.Process.ExitCode);
        Assert.Equal(12 / 2 + load.Count, await ContactsAsync());
        Assert.All(await server.Output, line => Assert.NotNull(JsonNode.Parse(line)));
    }

    [Theory]
    [InlineData("openeim-server.dll", "REST API", "INT")]
    [InlineData("openeim-smdp.dll", "ES9+", "TERM")]
    [InlineData("openeim-smdp.dll", "ES9+", "INT")]
    public async Task Either_order_ends_either_host_with_0(string host, string started, string signal)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("there are no signals on Windows");
        }

        using var server = await StartAsync(host, started, "--log-format", "json");

        server.Signal(signal);

        await server.Process.WaitForExitAsync(Ct);
        Assert.Equal(0, server.Process.ExitCode);
    }

    [Theory]
    [InlineData("openeim-server.dll", "REST API", "TERM", 143)]
    [InlineData("openeim-smdp.dll", "ES9+", "INT", 130)]
    public async Task Second_order_ends_the_process_at_once(string host, string started, string signal, int exitCode)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("there are no signals on Windows");
        }

        using var server = await StartAsync(host, started, "--shutdown-delay", "3600", "--log-format", "json");
        server.Signal(signal);
        await UntilNotReadyAsync(server.Url(host == "openeim-smdp.dll" ? "Es9PlusUrl" : "ApiUrl"));

        server.Signal(signal);

        await server.Process.WaitForExitAsync(Ct);
        Assert.Equal(exitCode, server.Process.ExitCode);
    }

    private async Task<StoppableProcess> StartAsync(string host, string started, params string[] more)
    {
        string[] listeners = host == "openeim-smdp.dll"
            ? ["--es9plus-url", "http://127.0.0.1:0", "--es2plus-url", "http://127.0.0.1:0"]
            : ["--api-url", "http://127.0.0.1:0", "--esipa-url", "http://127.0.0.1:0"];
        return await StoppableProcess.StartAsync(host, started, ["--data", _folder.Path, .. listeners, .. more]);
    }

    private async Task RegisterAsync(Uri api)
    {
        var token = (await File.ReadAllTextAsync(_folder.File("application-token"), Ct)).Trim();
        using var login = await _client.PostAsJsonAsync(new Uri(api, "/api/v1/authenticate"), new { application_token = token }, Ct);
        var auth = (await login.Content.ReadFromJsonAsync<JsonObject>(Ct))!["auth_token"]!.GetValue<string>();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api, "/api/v1/euicc"));
        request.Headers.Authorization = new("Bearer", auth);

        // Not IoT eUICCs: idle, without a first contact to make.
        request.Content = JsonContent.Create(Enumerable.Range(0, Devices).Select(i => new { eid = EidOf(i).ToString(), supported_profile_type = new { id = 1 } }));
        using var registered = await _client.SendAsync(request, Ct);
        Assert.True(registered.IsSuccessStatusCode, await registered.Content.ReadAsStringAsync(Ct));
    }

    /// <summary>As a balancer's connections: used again and again until an answer says that it was the last.</summary>
    private static async Task<int> PollUntilToldToGoAsync(Uri esipa, int index, CountdownEvent begun)
    {
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 1 };
        using var client = new HttpClient(handler);
        for (var count = 0; ; count++)
        {
            using var content = new ByteArrayContent(Poll(12 + index));
            content.Headers.ContentType = new("application/x-gsma-rsp-asn1");
            using var response = await client.PostAsync(new Uri(esipa, "/gsma/rsp2/asn1"), content, Ct);
            Assert.Equal("BF4F03020101", Convert.ToHexString(await response.Content.ReadAsByteArrayAsync(Ct)));
            if (response.Headers.ConnectionClose == true)
            {
                return count;
            }

            if (count == 0)
            {
                begun.Signal();
            }
        }
    }

    private async Task UntilNotReadyAsync(Uri url)
    {
        while (true)
        {
            using var ready = await _client.GetAsync(new Uri(url, "/health/ready"), Ct);
            if (ready.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                return;
            }
        }
    }

    private static async Task UntilRefusedAsync(Uri url)
    {
        while (true)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, url.Port, Ct);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    private async Task<long> ContactsAsync()
    {
        await using var database = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = _folder.File("openeim.db"), Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ConnectionString);
        await database.OpenAsync(Ct);
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT count(*) FROM contact";
        return Convert.ToInt64(await command.ExecuteScalarAsync(Ct), CultureInfo.InvariantCulture);
    }

    private static Eid EidOf(int index) => Eid.Parse($"8904903200000000000000{index:D10}");

    private static byte[] Poll(int index) => [0xBF, 0x4F, 0x12, 0x5A, 0x10, .. EidOf(index).ToBytes()];

    /// <summary>A request that the server has begun to read and cannot end yet: it has asked for the body (100 Continue).</summary>
    private sealed class HeldRequest(TcpClient connection, byte[] body) : IDisposable
    {
        public static async Task<HeldRequest> BeginAsync(Uri url, byte[] poll, bool isPoll)
        {
            var connection = new TcpClient();
            await connection.ConnectAsync(IPAddress.Loopback, url.Port, Ct);
            var body = isPoll ? poll : """{"application_token":"unknown"}"""u8.ToArray();
            var (path, type) = isPoll ? ("/gsma/rsp2/asn1", "application/x-gsma-rsp-asn1") : ("/api/v1/authenticate", "application/json");
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nExpect: 100-continue\r\nContent-Length: {body.Length}\r\n\r\n"), Ct);
            var buffer = new byte[25];
            await connection.GetStream().ReadExactlyAsync(buffer, Ct);
            Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", Encoding.ASCII.GetString(buffer));
            return new HeldRequest(connection, body);
        }

        public async Task<string> EndAsync()
        {
            using var _ = this;
            await connection.GetStream().WriteAsync(body, Ct);
            using var reader = new StreamReader(connection.GetStream(), Encoding.Latin1);
            return await reader.ReadToEndAsync(Ct);
        }

        public void Dispose() => connection.Dispose();
    }

    /// <summary>A host as a process of its own, which gets signals by its id.</summary>
    private sealed class StoppableProcess(Process process, JsonNode started, Task<List<string>> output) : IDisposable
    {
        public Process Process => process;

        /// <summary>The lines that it wrote, when it has ended.</summary>
        public Task<List<string>> Output => output;

        public static async Task<StoppableProcess> StartAsync(string host, string started, string[] arguments)
        {
            // A shell that runs tests in the background lets its children ignore Ctrl-C, and those hand that down.
            string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];
            var process = System.Diagnostics.Process.Start(
                new ProcessStartInfo(command[0], [.. command[1..], Path.Combine(AppContext.BaseDirectory, host), .. arguments]) { RedirectStandardOutput = true })!;
            var lines = new List<string>();
            while (await process.StandardOutput.ReadLineAsync(Ct) is { } line)
            {
                lines.Add(line);
                if (JsonNode.Parse(line) is { } json && json["Message"]!.GetValue<string>().StartsWith(started, StringComparison.Ordinal))
                {
                    return new StoppableProcess(process, json, ReadAsync(process, lines));
                }
            }

            process.Dispose();
            throw new InvalidOperationException("it did not start");
        }

        public Uri Url(string name) => new(started["State"]![name]!.GetValue<string>());

        public void Signal(string name)
        {
            using var kill = System.Diagnostics.Process.Start("kill", [$"-{name}", process.Id.ToString(CultureInfo.InvariantCulture)]);
            kill.WaitForExit();
            Assert.Equal(0, kill.ExitCode);
        }

        public void Dispose()
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.Dispose();
        }

        private static async Task<List<string>> ReadAsync(Process process, List<string> lines)
        {
            while (await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
            {
                lines.Add(line);
            }

            return lines;
        }
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using OpenEim.Tests.EndToEnd;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Cluster;

/// <summary>Lets the tests of a class share one <see cref="TwoNodes"/>, started when the first of them needs it.</summary>
public sealed class TwoNodesFixture : IAsyncDisposable
{
    private TwoNodes? _lab;

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }
    }

    internal async Task<TwoNodes> GetAsync() => _lab ??= await TwoNodes.StartAsync(devices: 5);
}

/// <summary>Two nodes of each kind on PostgreSQL, and devices whose every message the test carries to the node that it wants.</summary>
internal sealed class TwoNodes : IAsyncDisposable
{
    private readonly List<HttpClient> _nodes = [];
    private readonly List<HttpClient> _apis = [];
    private PostgresServer _postgres = null!;

    public Site Site { get; private set; } = null!;

    public EsipaProxy Proxy { get; private set; } = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<TwoNodes> StartAsync(int devices)
    {
        PostgresServer.Require();
        Balancer.Require();
        var lab = new TwoNodes { _postgres = await PostgresServer.StartAsync(durable: false), Proxy = await EsipaProxy.StartAsync() };
        lab.Site = await Site.StartAsync(new SiteSetup(devices, Stock: 20)
        {
            EimNodes = 2,
            Balanced = true,
            EsipaDetour = lab.Proxy.Address,
            SmdpNodes = 2,
            EimDatabase = await lab._postgres.CreateDatabaseAsync(),
            SmdpDatabase = await lab._postgres.CreateDatabaseAsync(),
        });
        for (var node = 0; node < 2; node++)
        {
            lab._nodes.Add(lab.Site.EsipaClient(node));
            lab._apis.Add(await lab.Site.ApiClientAsync(node, Ct));
        }

        return lab;
    }

    public async Task<byte[]> SendAsync(int node, byte[] message)
    {
        using var content = new ByteArrayContent(message);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-gsma-rsp-asn1");
        using var response = await _nodes[node].PostAsync("/gsma/rsp2/asn1", content, Ct);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(Ct);
    }

    /// <summary>Sends a request of REST to one node.</summary>
    public async Task<(HttpStatusCode Status, string Body)> SendAsync(int node, HttpMethod method, string path, JsonNode? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var response = await _apis[node].SendAsync(request, Ct);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
    }

    public string EidOf(int device) => Site.Fleet.Devices[device].Eid.ToString();

    public Task PollAsync(int device) => Site.Fleet.Devices[device].PollOnceAsync(Ct);

    public async Task<(string Iccid, string Code)> OrderAsync(int? forDevice)
    {
        var order = new JsonObject { ["profile_type"] = Site.ProfileType };
        if (forDevice is { } device)
        {
            order["euicc"] = new JsonObject { ["id"] = device + 1 };
        }

        var ordered = await Site.Client.PostAsync("/api/v1/profile", order, Ct);
        return (ordered["iccid_with_luhn"]!.GetValue<string>(), ordered["activation_code"]!.GetValue<string>());
    }

    public async Task<Guid> DownloadAsync(int device, string code, bool enable)
    {
        var operation = new JsonObject { ["action"] = new JsonObject { ["id"] = 2 }, ["activation_code"] = code, ["enable"] = enable };
        var created = await Site.Client.PostAsync($"/api/v1/euicc/{device + 1}/operation", new JsonArray(operation), Ct);
        return Guid.Parse(created[0]!["id"]!.GetValue<string>());
    }

    public async Task<string> StatusAsync(int device, Guid id)
    {
        var operation = await Site.Client.GetAsync($"/api/v1/euicc/{device + 1}/operation/{id}", Ct);
        return operation["status"]!["description"]!.GetValue<string>() + (operation["error"] is { } error ? $" {error["reason"]}" : "");
    }

    public async ValueTask DisposeAsync()
    {
        _nodes.Concat(_apis).ToList().ForEach(client => client.Dispose());
        if (Site is not null)
        {
            await Site.DisposeAsync();
        }

        await Proxy.DisposeAsync();
        await _postgres.DisposeAsync();
    }
}

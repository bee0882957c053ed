using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using OpenEim.Protocol.Identifiers;
using OpenEim.Smdp.Orders;

namespace OpenEim.Tests.Cluster;

/// <summary>Two nodes that get the same, or contradicting, messages of devices in the same instant.</summary>
public sealed class TwoNodesTests(TwoNodesFixture fixture) : IClassFixture<TwoNodesFixture>
{
    private const byte GetBoundProfilePackage = 0x3A;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Same_message_on_two_nodes_in_the_same_instant_has_one_effect_and_one_answer()
    {
        const int Downloads = 6;
        var lab = await fixture.GetAsync();
        var different = new ConcurrentQueue<string>();
        var messages = new ConcurrentDictionary<string, int>();
        lab.Proxy.Carry = async passage =>
        {
            var answers = await Task.WhenAll(lab.SendAsync(0, passage.Request), lab.SendAsync(1, passage.Request));
            messages.AddOrUpdate(Convert.ToHexString(passage.Request.AsSpan(0, 2)), 1, (_, count) => count + 1);
            if (!answers[0].AsSpan().SequenceEqual(answers[1]))
            {
                different.Enqueue($"{Convert.ToHexString(passage.Request)}: {Convert.ToHexString(answers[0])} and {Convert.ToHexString(answers[1])}");
            }

            return answers[Random.Shared.Next(2)];
        };
        await lab.PollAsync(0);
        for (var round = 0; round < Downloads; round++)
        {
            var (iccid, code) = await lab.OrderAsync(forDevice: 0);
            var operation = await lab.DownloadAsync(0, code, enable: round % 2 == 0);
            await lab.PollAsync(0);
            Assert.Equal("Succeeded", await lab.StatusAsync(0, operation));
            Assert.NotNull(lab.Site.Fleet.Devices[0].ReadProfilePackage(Iccid.Parse(iccid)));
        }

        Assert.Empty(different);
        Assert.All(["BF39", "BF3B", "BF3A"], function => Assert.Equal(Downloads, messages[function]));
        var books = await Books.ReadAsync(lab.Site, Ct);
        Assert.Equal(Downloads, books.Deliveries.Count(row => row.Eid == lab.EidOf(0)));
        var card = lab.Site.Fleet.Devices[0].Inspect();
        var packages = books.Exchanges.Where(row => row.Eid == lab.EidOf(0) && row.Kind == 0x51).OrderBy(row => row.Counter).ToList();
        Assert.Equal(card.Journal!.Packages.Select(package => (package.Counter, package.Sha256)), packages.Select(row => (row.Counter!.Value, row.RequestSha256)));
        Assert.Equal(Enumerable.Range(1, packages.Count).Select(number => (long)number), packages.Select(row => row.Counter!.Value));
    }

    [Fact]
    public async Task One_activation_code_on_two_devices_whose_requests_reach_two_nodes_in_the_same_instant_goes_to_one()
    {
        const int Rounds = 4;
        var lab = await fixture.GetAsync();
        lab.Proxy.Carry = async passage => await lab.SendAsync(0, passage.Request);
        await Task.WhenAll(lab.PollAsync(1), lab.PollAsync(2));
        for (var round = 0; round < Rounds; round++)
        {
            var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var arrived = 0;
            lab.Proxy.Carry = async passage =>
            {
                if (passage.Request is not [0xBF, GetBoundProfilePackage, ..])
                {
                    return await lab.SendAsync(0, passage.Request);
                }

                var number = Interlocked.Increment(ref arrived);
                if (number == 2)
                {
                    both.SetResult();
                }

                await both.Task.WaitAsync(Ct);
                return await lab.SendAsync(number % 2, passage.Request);
            };
            var (iccid, code) = await lab.OrderAsync(forDevice: null);
            Guid[] operations = [await lab.DownloadAsync(1, code, enable: false), await lab.DownloadAsync(2, code, enable: false)];

            await Task.WhenAll(lab.PollAsync(1), lab.PollAsync(2));

            string[] ends = [await lab.StatusAsync(1, operations[0]), await lab.StatusAsync(2, operations[1])];
            Assert.Equal(["Failed 7022", "Succeeded"], ends.Order());
            var (winner, loser) = ends[0] == "Succeeded" ? (1, 2) : (2, 1);
            Assert.NotNull(lab.Site.Fleet.Devices[winner].ReadProfilePackage(Iccid.Parse(iccid)));
            Assert.Null(lab.Site.Fleet.Devices[loser].ReadProfilePackage(Iccid.Parse(iccid)));
            var profile = (await Books.ReadAsync(lab.Site, Ct)).SmdpProfiles.Single(row => row.Iccid == iccid);
            Assert.Equal(lab.EidOf(winner), profile.Eid);
            Assert.True((StockState)profile.State is StockState.Downloaded or StockState.Installed, $"{(StockState)profile.State}");
        }
    }

    [Fact]
    public async Task One_request_under_one_key_on_two_nodes_in_the_same_instant_is_done_once()
    {
        const int Requests = 30;
        var lab = await fixture.GetAsync();
        for (var round = 0; round < Requests; round++)
        {
            var key = Guid.NewGuid().ToString();
            var answers = await Task.WhenAll(
                lab.SendAsync(0, HttpMethod.Post, "/api/v1/euicc/5/operation", Audit(), key), lab.SendAsync(1, HttpMethod.Post, "/api/v1/euicc/5/operation", Audit(), key));
            Assert.Contains(answers, answer => answer.Status == HttpStatusCode.Created);
            Assert.True(
                answers.All(answer => answer.Status == HttpStatusCode.Conflict || answer.Body == answers.First(first => first.Status == HttpStatusCode.Created).Body),
                string.Join('\n', answers));
        }

        var books = await Books.ReadAsync(lab.Site, Ct);
        Assert.Equal(Requests, books.Operations.Count(row => row.Eid == lab.EidOf(4)));
        Assert.Equal(Requests + 1, books.Euiccs.Single(row => row.Eid == lab.EidOf(4)).PendingCount);
    }

    [Fact]
    public async Task Cancel_on_one_node_and_delivery_on_another_in_the_same_instant_agree()
    {
        const int Rounds = 30;
        var lab = await fixture.GetAsync();
        lab.Proxy.Carry = async passage => await lab.SendAsync(0, passage.Request);
        await lab.PollAsync(3);
        var exchanges = await ExchangesAsync(lab, 3);
        const string Path = "/api/v1/euicc/4/operation";
        var canceled = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var created = await lab.SendAsync(0, HttpMethod.Post, Path, Audit());
            var id = Guid.Parse(JsonNode.Parse(created.Body)![0]!["id"]!.GetValue<string>());

            var cancel = lab.SendAsync(1, HttpMethod.Delete, $"{Path}/{id}");
            await Task.WhenAll(cancel, lab.PollAsync(3));

            var isCanceled = (await cancel).Status == HttpStatusCode.NoContent;
            Assert.True(isCanceled || (await cancel).Status == HttpStatusCode.Conflict, $"{await cancel}");
            Assert.Equal(isCanceled ? "Canceled" : "Succeeded", await lab.StatusAsync(3, id));
            canceled += isCanceled ? 1 : 0;
        }

        // Two exchanges for each audit that came through.
        Assert.Equal(exchanges + (2 * (Rounds - canceled)), await ExchangesAsync(lab, 3));
        Assert.Equal(0, (await Books.ReadAsync(lab.Site, Ct)).Euiccs.Single(row => row.Eid == lab.EidOf(3)).PendingCount);
        TestContext.Current.TestOutputHelper?.WriteLine($"{canceled} of {Rounds} canceled");
    }

    [Fact]
    public async Task One_EID_registered_on_two_nodes_in_the_same_instant_is_registered_once()
    {
        const int Eids = 20;
        var lab = await fixture.GetAsync();
        for (var number = 0; number < Eids; number++)
        {
            var euicc = new JsonObject { ["eid"] = $"8904903200000000000000000001{number:D4}" };
            var answers = await Task.WhenAll(
                lab.SendAsync(0, HttpMethod.Post, "/api/v1/euicc", euicc), lab.SendAsync(1, HttpMethod.Post, "/api/v1/euicc", euicc.DeepClone()));
            Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], answers.Select(answer => answer.Status).Order());
        }

        Assert.Equal(Eids + lab.Site.Fleet.Devices.Count, (await Books.ReadAsync(lab.Site, Ct)).Euiccs.Count);
    }

    private static async Task<int> ExchangesAsync(TwoNodes lab, int device) =>
        (await Books.ReadAsync(lab.Site, Ct)).Exchanges.Count(row => row.Eid == lab.EidOf(device));

    private static JsonArray Audit() => new(new JsonObject { ["action"] = new JsonObject { ["id"] = 1 } });
}

using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using OpenEim.Hosting.Keys;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Smdp.Orders;

namespace OpenEim.Tests.EndToEnd;

/// <summary>Downloads that must not come to anything: each ends with a reason that an operator understands, and the profile stays where it was.</summary>
public sealed class DownloadRefusalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Wrong_matching_id(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync((order with { MatchingId = "NOT-" + order.MatchingId }).ActivationCode);

        await lab.PollAsync();

        Assert.Equal("Failed 7012 8.2.6/3.8", await lab.StatusAsync(operation));
        Assert.Equal(Reports(indirect) + "the SM-DP+ refused the download: the matching id is unknown or was used", await lab.MessageAsync(operation));
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);
        await ThenItWorksAsync(lab, order);
    }

    [Theory]
    [InlineData(false, "Failed 4127")]
    [InlineData(true, "Failed 7101")]
    public async Task Address_where_nobody_listens(bool indirect, string outcome)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var order = await lab.OrderAsync();
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nobody = silent.LocalEndPoint!.ToString()!;
        var operation = await lab.DownloadAsync((order with { Address = nobody }).ActivationCode);

        await lab.PollAsync().WaitAsync(Patience, Ct);

        Assert.Equal(outcome, await lab.StatusAsync(operation));
        Assert.Contains($"SM-DP+ {nobody}", await lab.MessageAsync(operation), StringComparison.Ordinal);
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);
        await ThenItWorksAsync(lab, order);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Address_of_another_smdp(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var other = await lab.StartOtherSmdpAsync();
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync((order with { Address = other.Address }).ActivationCode);

        await lab.PollAsync();

        Assert.Equal("Failed 7012 8.2.6/3.8", await lab.StatusAsync(operation));
        Assert.All(await other.Profiles.ListAsync(ct: Ct), profile => Assert.Equal(StockState.Available, profile.State));
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);
        await ThenItWorksAsync(lab, order);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Address_that_leads_to_the_smdp_but_is_not_its_own(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync((order with { Address = $"localhost:{lab.Smdp.Es9PlusUrl.Port}" }).ActivationCode);

        await lab.PollAsync();

        Assert.Equal("Failed 7001 8.8.1/3.8", await lab.StatusAsync(operation));
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);
        await ThenItWorksAsync(lab, order);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Expired_order(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { OrderLifetime = TimeSpan.FromMinutes(10) });
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync(order.ActivationCode);
        lab.Clock.Advance(TimeSpan.FromMinutes(11));

        await lab.PollAsync();

        Assert.Equal("Failed 7017 8.8.5/4.10", await lab.StatusAsync(operation));
        Assert.Equal(Reports(indirect) + "the SM-DP+ refused the download: the order has expired", await lab.MessageAsync(operation));
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Profile_of_another_eid(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { Devices = 2 });
        var order = await lab.OrderAsync(eid: lab.Devices[1].Eid);
        var operation = await lab.DownloadAsync(order.ActivationCode);

        await lab.PollAsync();

        Assert.Equal("Failed 7013 8.1.1/3.8", await lab.StatusAsync(operation));
        Assert.Equal(Reports(indirect) + "the SM-DP+ refused the download: the profile is reserved for another EID", await lab.MessageAsync(operation));
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);

        var own = await lab.DownloadAsync(order.ActivationCode, euicc: 2);
        await lab.PollAsync(1);
        Assert.Equal("Succeeded", await lab.StatusAsync(own, 2));
        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed, device: 1);
    }

    [Theory]
    [InlineData(false, "Failed 4127")]
    [InlineData(true, "Failed 7019")]
    public async Task Confirmation_code_that_the_activation_code_is_silent_about(bool indirect, string outcome)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var order = await lab.OrderAsync(confirmationCode: "4711");
        var operation = await lab.DownloadAsync(order.ActivationCode);

        await lab.PollAsync();

        Assert.Equal(outcome, await lab.StatusAsync(operation));
        Assert.Contains("confirmation code, and the device has none", await lab.MessageAsync(operation), StringComparison.Ordinal);

        // The device has given up the session, not the order: somebody may still bring the code.
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);
    }

    [Theory]
    [InlineData(true, "4711", "Succeeded")]
    [InlineData(true, "0815", "Failed 7020 8.2.7/3.8")]
    [InlineData(false, "4711", "Failed 8005")]
    public async Task Confirmation_code_that_the_operator_gives_is_passed_through_the_eIM(bool indirect, string code, string outcome)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var order = await lab.OrderAsync(confirmationCode: "4711");
        var operation = await lab.ScheduleAsync(new JsonObject
        {
            ["action"] = new JsonObject { ["id"] = 2 },
            ["activation_code"] = order.ActivationCode + "$$1$",
            ["confirmation_code"] = code,
        });

        await lab.PollAsync();

        Assert.Equal(outcome, await lab.StatusAsync(operation));
        var isThere = outcome == "Succeeded";
        await lab.AgreeAsync(
            order.Iccid, isThere ? "Installed" : null, isThere ? ProfileState.Disabled : null, isThere ? StockState.Installed : StockState.Released);
    }

    [Fact]
    public async Task Order_of_an_unknown_type_is_refused_in_the_smdps_words()
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect: true);

        using var response = await lab.Client.PostAsJsonAsync(new Uri(lab.Eim.ApiUrl, "/api/v1/profile"), new { profile_type = "nothing" }, Ct);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonNode>(Ct))!;
        Assert.StartsWith("The SM-DP+ refused with 8.2.5/3.9: ", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Confirmation_code_that_the_activation_code_demands_is_refused_when_it_is_scheduled()
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect: true);
        var order = await lab.OrderAsync(confirmationCode: "4711");
        var body = new JsonArray(new JsonObject { ["action"] = new JsonObject { ["id"] = 2 }, ["activation_code"] = order.ActivationCode + "$$1" });

        using var response = await lab.Client.PostAsJsonAsync(new Uri(lab.Eim.ApiUrl, "/api/v1/euicc/1/operation"), body, Ct);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonNode>(Ct))!;
        Assert.Contains("confirmation_code", error["errors"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain(order.MatchingId, error.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty((await lab.GetAsync("/api/v1/euicc/1/operation")).AsArray());
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);
    }

    [Theory]
    [InlineData(false, "Failed 4127", "the server is not the SM-DP+ that the card trusts")]
    [InlineData(true, "Failed 7103", "has no TLS certificate of a trusted CI")]
    public async Task Foreign_ci_in_tls(bool indirect, string outcome, string message)
    {
        using var foreign = Foreign();
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { SmdpPki = (folder, _) => WriteCi(folder, foreign) });
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync(order.ActivationCode);

        await lab.PollAsync();

        Assert.Equal(outcome, await lab.StatusAsync(operation));
        Assert.Contains(message, await lab.MessageAsync(operation), StringComparison.Ordinal);
        Assert.Contains(order.Address, await lab.MessageAsync(operation), StringComparison.Ordinal);
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Foreign_ci_in_authentication(bool indirect)
    {
        using var foreign = Foreign();
        await using var lab = await DownloadInstallation.StartAsync(
            new DownloadSetup(indirect) { ThroughProxy = true, SmdpPki = (folder, _) => WriteCi(folder, foreign) });
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync(order.ActivationCode);

        await lab.PollAsync();

        Assert.Equal("Failed 7002 8.8.2/3.1", await lab.StatusAsync(operation));
        Assert.Equal(Reports(indirect) + "the SM-DP+ refused the download: it and the eUICC trust no common CI", await lab.MessageAsync(operation));
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Foreign_ci_of_an_smdp_that_trusts_the_cards_ci_too(bool indirect)
    {
        using var foreign = Foreign();
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect)
        {
            ThroughProxy = true,
            SmdpPki = (folder, trusted) =>
            {
                WriteCi(folder, foreign);
                File.AppendAllText(Path.Combine(folder, "ci.pem"), "\n" + trusted.ToPem());
            },
        });
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync(order.ActivationCode);

        await lab.PollAsync();

        Assert.Equal("Failed 7004 8.8.4/3.7", await lab.StatusAsync(operation));
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Released);
    }

    [Theory]
    [InlineData(false, 1, 2)]
    [InlineData(true, 1, 2)]
    [InlineData(false, 1, 1)]
    [InlineData(true, 1, 1)]
    public async Task Tampered_segment(bool indirect, int numerator, int denominator)
    {
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { ThroughProxy = true });
        lab.Proxy!.Carry = async passage => await passage.Send() is { } answer
            ? passage.Function == SmdpProxy.GetBoundProfilePackage ? SmdpProxy.Tamper(answer, length => (length * numerator / denominator) - 20) : answer
            : null;
        var order = await lab.OrderAsync();
        var operation = await lab.DownloadAsync(order.ActivationCode);

        await lab.PollAsync();

        Assert.Equal("Failed 6008", await lab.StatusAsync(operation));
        Assert.Equal("the eUICC could not install the profile: the package was changed or damaged on its way, Scp03tSecurityError at LoadProfileElements", await lab.MessageAsync(operation));
        await lab.AgreeAsync(order.Iccid, null, null, StockState.Error);

        lab.Proxy.Carry = passage => passage.Send();
        await ThenItWorksAsync(lab, await lab.OrderAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Memory_full(bool indirect)
    {
        using var package = BuiltInTemplate.Create(DownloadInstallation.ProfileType, "Mobile");
        await using var lab = await DownloadInstallation.StartAsync(new DownloadSetup(indirect) { MemorySize = package.Length * 3 / 2 });
        var first = await lab.OrderAsync();
        var second = await lab.OrderAsync();
        string[] operations = [await lab.DownloadAsync(first.ActivationCode), await lab.DownloadAsync(second.ActivationCode)];

        await lab.PollAsync();

        Assert.Equal(["Succeeded", "Failed 7015 8.1/4.8"], [await lab.StatusAsync(operations[0]), await lab.StatusAsync(operations[1])]);
        Assert.Equal(Reports(indirect) + "the SM-DP+ refused the download: the eUICC's memory does not suffice", await lab.MessageAsync(operations[1]));
        await lab.AgreeAsync(first.Iccid, "Installed", ProfileState.Disabled, StockState.Installed);
        await lab.AgreeAsync(second.Iccid, null, null, StockState.Released);

        // Nothing is lost: there is room again once the first is gone.
        await lab.DeleteAsync(first.Iccid);
        await lab.PollAsync();
        await lab.AgreeAsync(first.Iccid, "Deleted", null, StockState.Deleted);
        await ThenItWorksAsync(lab, second);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Iccid_that_is_on_the_card_already(bool indirect)
    {
        await using var lab = await DownloadInstallation.StartAsync(indirect);
        var twin = DownloadInstallation.Factory(2);
        await lab.Smdp.Profiles.ImportAsync(
            DownloadInstallation.ProfileType, [new SubscriberData(twin, Imsi.Parse("999010000099999"), AkaAlgorithm.Milenage, new byte[16], new byte[16])], Ct);
        var order = await lab.OrderAsync(iccid: twin);
        var operation = await lab.DownloadAsync(order.ActivationCode, enable: true);

        await lab.PollAsync();

        Assert.Equal("Failed 5409", await lab.StatusAsync(operation));
        Assert.Equal("the eUICC could not install the profile: a profile with this ICCID is on it already, IccidAlreadyExists at StoreMetadata", await lab.MessageAsync(operation));
        await lab.UntilStockAsync(twin, StockState.Error);
        Assert.Equal("Installed", await lab.ListedAsync(twin));
        Assert.Equal(DownloadInstallation.Factory(1), lab.Device.Inspect().EnabledProfile);
        await lab.NothingIsLostOrTwiceAsync();
    }

    /// <summary>What failed has spoilt nothing.</summary>
    private static async Task ThenItWorksAsync(DownloadInstallation lab, OrderedProfile order)
    {
        var operation = await lab.DownloadAsync(order.ActivationCode);
        await lab.PollAsync();
        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
        await lab.AgreeAsync(order.Iccid, "Installed", ProfileState.Disabled, StockState.Installed);
    }

    private static TestPki Foreign() => new(EcCurve.P256, TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddYears(5));

    private static void WriteCi(string folder, TestPki pki)
    {
        File.WriteAllText(Path.Combine(folder, "ci.pem"), pki.Ci.Certificate.ToPem());
        DataFolder.WritePrivate(Path.Combine(folder, "ci.key"), pki.Ci.Key.ToPem());
    }

    /// <summary>In a direct download only the device hears what the SM-DP+ says.</summary>
    private static string Reports(bool indirect) => indirect ? "" : "the device reports: ";
}

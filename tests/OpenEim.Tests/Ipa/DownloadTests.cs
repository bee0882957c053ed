using System.Text;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Protocol.Sgp32;
using OpenEim.Tests.Euicc;
using StatusCodes = OpenEim.Protocol.Sgp22.StatusCodes;

namespace OpenEim.Tests.Ipa;

/// <summary>Profile downloads by the IPA (SGP.32 3.2.3): the trigger, either way to the SM-DP+, the result to both, and what may go wrong between.</summary>
public sealed class DownloadTests
{
    private static readonly string[] WholeDownload = ["initiateAuthentication", "authenticateClient", "getBoundProfilePackage", "handleNotification"];

    [Fact]
    public async Task A_direct_download_installs_the_profile_and_tells_the_smdp_and_the_eim()
    {
        await using var test = await TestFleet.StartAsync();
        await using var server = await SmdpServer.StartAsync(test.Pki);
        var id = Trigger(test, server.ActivationCode);

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        Assert.Equal(WholeDownload, server.Functions);
        Assert.All(server.Requests, request => Assert.Equal("application/json|gsma-rsp-lpad|gsma/rsp/v2.5.0", request.Headers));
        Assert.Equal(server.Smdp.Package, test.Device.ReadProfilePackage(TestSmdp.Iccid));
        var result = Assert.Single(test.Eim.Results).DownloadResult!;
        Assert.Equal(id, result.TransactionId);
        Assert.IsType<InstallationFinalResult.Success>(result.InstallationResult!.FinalResult);
        Assert.Equal(result.InstallationResult.Encoded.ToArray(), Assert.Single(server.Smdp.Notifications).Encoded.ToArray());
        Assert.Equal("MATCH", server.Smdp.MatchingIdOf(result.InstallationResult.TransactionId!.Value));
        Assert.Equal((0, TestFleet.First), (test.Device.Inspect().PendingNotifications, test.Device.Inspect().EnabledProfile!.Value));
        Assert.Empty(server.Smdp.Cancelled);
    }

    [Theory]
    [InlineData(IpaFeatures.DirectRspServerCommunication | IpaFeatures.IndirectRspServerCommunication)]
    [InlineData(IpaFeatures.IndirectRspServerCommunication)]
    public async Task An_indirect_download_goes_through_the_eim(IpaFeatures features)
    {
        await using var test = await TestFleet.StartAsync(options => Indirect(options) with
        {
            Ipa = options.Ipa with { Capabilities = new IpaCapabilities(features) },
        });
        using var smdp = new TestSmdp(test.Pki);
        test.Eim.Instead = new SmdpRelay(smdp).Answer;
        var id = Trigger(test, $"1${TestSmdp.Address}$MATCH");

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        Assert.Equal(
            [0xBF4Fu, 0xBF39u, 0xBF3Bu, 0xBF3Au, 0xBF3Du, 0xBF50u, 0xBF4Fu],
            test.Eim.Requests.Select(body => new BerReader(body).PeekTag()));
        var initiate = BerMessage.Decode<InitiateAuthenticationRequestEsipa>(test.Eim.Sent(0xBF39)[0]);
        Assert.Equal((id, TestSmdp.Address), (initiate.TransactionId!.Value, initiate.SmdpAddress));
        Assert.Equal(smdp.Package, test.Device.ReadProfilePackage(TestSmdp.Iccid));
        Assert.True(Assert.Single(test.Eim.Results).DownloadResult!.InstallationResult!.IsSuccess);
        Assert.Single(smdp.Notifications);
        Assert.Equal(0, test.Device.Inspect().PendingNotifications);
    }

    [Fact]
    public async Task A_trigger_without_data_leaves_the_smdp_and_the_matching_id_to_the_eim()
    {
        await using var test = await TestFleet.StartAsync(Indirect);
        using var smdp = new TestSmdp(test.Pki);
        var relay = new SmdpRelay(smdp);
        test.Eim.Instead = body => relay.Answer(body) is not { } answer ? null
            : new BerReader(body).PeekTag() == 0xBF39 ? WithMatchingId(answer, "FROM-EIM")
            : answer;
        test.Eim.Enqueue(new ProfileDownloadTriggerRequest(TransactionId: TransactionId.Random()).Encode());

        await test.PollAsync();

        Assert.Null(BerMessage.Decode<InitiateAuthenticationRequestEsipa>(test.Eim.Sent(0xBF39)[0]).SmdpAddress);
        var result = Assert.Single(test.Eim.Results).DownloadResult!.InstallationResult!;
        Assert.True(result.IsSuccess);
        Assert.Equal("FROM-EIM", smdp.MatchingIdOf(result.TransactionId!.Value));
    }

    [Fact]
    public async Task The_default_smdp_of_the_card_is_asked_with_an_empty_matching_id()
    {
        await using var test = await TestFleet.StartAsync(inFolder: true);
        await using var server = await SmdpServer.StartAsync(test.Pki);
        test.Eim.Enqueue(test.Eid, new SetDefaultDpAddress(server.Address));
        await test.PollAsync();
        test.Eim.Enqueue(new ProfileDownloadTriggerRequest(ContactDefaultSmdp: true, TransactionId: TransactionId.Random()).Encode());

        await test.PollAsync();

        var result = test.Eim.Results[^1].DownloadResult!.InstallationResult!;
        Assert.True(result.IsSuccess);
        Assert.Equal("", server.Smdp.MatchingIdOf(result.TransactionId!.Value));
    }

    [Fact]
    public async Task What_the_smdp_refuses_reaches_the_eim_with_its_codes()
    {
        await using var test = await TestFleet.StartAsync();
        await using var server = await SmdpServer.StartAsync(test.Pki);
        server.Refuses = function => function == "authenticateClient" ? StatusCodes.MatchingIdRefused : null;
        Trigger(test, server.ActivationCode);

        Assert.Equal(new PollReport(PollOutcome.Idle, 1), await test.PollAsync());

        var failure = Failure(test);
        var json = RspJson.Read(failure.ErrorResponse!.Value.Span, Es9PlusJsonContext.Default.CancelSessionResponseJson);
        Assert.Equal((127, StatusCodes.MatchingIdRefused), (failure.ErrorReason!.Value, json.FailureCode()!.Value));
        Assert.Equal(["initiateAuthentication", "authenticateClient"], server.Functions);
        Assert.Equal(3, test.Device.Inspect().Profiles.Count);

        // After a failure the same trigger is a new try.
        server.Refuses = _ => null;
        Trigger(test, server.ActivationCode);
        await test.PollAsync();
        Assert.True(test.Eim.Results[^1].DownloadResult!.InstallationResult!.IsSuccess);
    }

    [Fact]
    public async Task What_the_eim_refuses_in_an_indirect_download_comes_back_to_it_as_it_was()
    {
        await using var test = await TestFleet.StartAsync(Indirect);
        using var smdp = new TestSmdp(test.Pki);
        var relay = new SmdpRelay(smdp) { Refuses = function => function == 0xBF3B ? 6 : null };
        test.Eim.Instead = relay.Answer;
        Trigger(test, $"1${TestSmdp.Address}$MATCH");

        await test.PollAsync();

        Assert.Equal("BF3B03820106", Convert.ToHexString(Failure(test).ErrorResponse!.Value.Span));
    }

    [Fact]
    public async Task An_smdp_under_a_foreign_ci_is_not_spoken_to()
    {
        await using var test = await TestFleet.StartAsync();
        using var foreign = new Protocol.Security.TestPki(Protocol.Security.EcCurve.P256, TestFleet.Now.AddDays(-1), TestFleet.Now.AddYears(1));
        await using var server = await SmdpServer.StartAsync(foreign);
        Trigger(test, server.ActivationCode);

        await test.PollAsync();

        Assert.Equal($"SM-DP+ {server.Address}: the server is not the SM-DP+ that the card trusts", Text(Failure(test)));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_tls_certificate_of_another_role_or_host_is_not_believed()
    {
        await using var test = await TestFleet.StartAsync();
        foreach (var tls in new[] { test.Pki.IssueDpTls(["smdp.example.com"]), test.Pki.IssueEimTls(["127.0.0.1"]) })
        {
            await using var server = await SmdpServer.StartAsync(test.Pki, tls);
            Trigger(test, server.ActivationCode);
            await test.PollAsync();
            Assert.EndsWith("the server is not the SM-DP+ that the card trusts", Text(test.Eim.Results[^1].DownloadResult!), StringComparison.Ordinal);
            Assert.Empty(server.Requests);
        }
    }

    [Theory]
    [InlineData("$2.999.11", "the SM-DP+ has not the OID 2.999.11 of the activation code")]
    [InlineData("$2.999.10", null)]
    public async Task The_oid_of_the_activation_code_must_be_the_smdps(string oid, string? reason)
    {
        await using var test = await TestFleet.StartAsync();
        await using var server = await SmdpServer.StartAsync(test.Pki);
        Trigger(test, server.ActivationCode + oid);

        await test.PollAsync();

        var result = Assert.Single(test.Eim.Results).DownloadResult!;
        Assert.Equal(reason, result.InstallationResult is null ? Text(result) : null);
    }

    [Fact]
    public async Task An_smdp_that_signs_another_address_is_refused()
    {
        await using var test = await TestFleet.StartAsync();
        await using var server = await SmdpServer.StartAsync(test.Pki);
        server.Smdp.ServerAddress = "other.example.com";
        Trigger(test, server.ActivationCode);

        await test.PollAsync();

        Assert.Equal($"the SM-DP+ calls itself other.example.com, not {server.Address}", Text(Failure(test)));
        Assert.Equal(["initiateAuthentication"], server.Functions);
    }

    [Fact]
    public async Task What_the_card_refuses_is_cancelled_and_told()
    {
        await using var test = await TestFleet.StartAsync();
        await using var server = await SmdpServer.StartAsync(test.Pki);
        server.Smdp.Pb = test.Pki.IssueDpPb("2.999.11");
        Trigger(test, server.ActivationCode);

        await test.PollAsync();

        var error = BerMessage.Decode<PrepareDownloadResponse>(Failure(test).ErrorResponse!.Value).Error!;
        Assert.Equal(DownloadErrorCode.InvalidCertificate, error.Code);
        Assert.Equal([CancelSessionReason.UndefinedReason], server.Smdp.Cancelled);
    }

    [Fact]
    public async Task A_package_other_than_the_one_offered_is_cancelled()
    {
        await using var test = await TestFleet.StartAsync();
        await using var server = await SmdpServer.StartAsync(test.Pki);
        server.Smdp.Announced = server.Smdp.Metadata with { ProfileName = "something else" };
        Trigger(test, server.ActivationCode);

        await test.PollAsync();

        Assert.Equal("the package is not the profile that was offered", Text(Failure(test)));
        Assert.Equal([CancelSessionReason.MetadataMismatch], server.Smdp.Cancelled);
    }

    [Fact]
    public async Task A_failed_indirect_download_is_cancelled_through_the_eim()
    {
        await using var test = await TestFleet.StartAsync(Indirect);
        using var smdp = new TestSmdp(test.Pki);
        smdp.Announced = smdp.Metadata with { ProfileName = "something else" };
        test.Eim.Instead = new SmdpRelay(smdp).Answer;
        Trigger(test, $"1${TestSmdp.Address}$MATCH");

        await test.PollAsync();

        Assert.Equal([CancelSessionReason.MetadataMismatch], smdp.Cancelled);
        Assert.Equal("the package is not the profile that was offered", Text(Failure(test)));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("4711", true)]
    public async Task A_confirmation_code_is_given_where_the_device_has_one(string? code, bool succeeds)
    {
        await using var test = await TestFleet.StartAsync(options => options with { Ipa = options.Ipa with { ConfirmationCode = code } });
        await using var server = await SmdpServer.StartAsync(test.Pki);
        server.Smdp.ConfirmationCodeRequired = true;
        Trigger(test, server.ActivationCode);

        await test.PollAsync();

        var result = Assert.Single(test.Eim.Results).DownloadResult!;
        Assert.Equal(succeeds, result.InstallationResult is { IsSuccess: true });
        Assert.Equal(succeeds ? [] : [CancelSessionReason.Timeout], server.Smdp.Cancelled);
    }

    [Fact]
    public async Task A_card_without_memory_refuses_and_its_signed_failure_reaches_both()
    {
        await using var test = await TestFleet.StartAsync(options => options with { MemorySize = 500 });
        await using var server = await SmdpServer.StartAsync(test.Pki);
        Trigger(test, server.ActivationCode);

        await test.PollAsync();

        var expected = new InstallationFinalResult.Failure(BppCommandId.LoadProfileElements, InstallationErrorReason.InsufficientMemory);
        Assert.Equal(expected, Assert.Single(test.Eim.Results).DownloadResult!.InstallationResult!.FinalResult);
        Assert.Equal(expected, Assert.IsType<ProfileInstallationResult>(Assert.Single(server.Smdp.Notifications)).FinalResult);
        Assert.Equal(0, test.Device.Inspect().PendingNotifications);
    }

    [Fact]
    public async Task An_smdp_that_is_away_is_tried_three_times_with_identical_bytes()
    {
        await using var test = await TestFleet.StartAsync();
        await using var server = await SmdpServer.StartAsync(test.Pki);
        server.FailsWith = _ => 503;
        Trigger(test, server.ActivationCode);

        await test.PollAsync();

        Assert.Equal($"SM-DP+ {server.Address}: the SM-DP+ answered with HTTP status 503", Text(Failure(test)));
        Assert.Equal(3, server.Requests.Count);
        Assert.Single(server.Requests.Select(request => Convert.ToHexString(request.Body)).Distinct());
    }

    [Fact]
    public async Task An_installation_that_the_smdp_does_not_hear_of_goes_to_the_eim_which_hands_it_on()
    {
        await using var test = await TestFleet.StartAsync();
        await using var server = await SmdpServer.StartAsync(test.Pki);
        server.FailsWith = function => function == "handleNotification" ? 503 : null;
        Trigger(test, server.ActivationCode);

        await test.PollAsync();

        Assert.Equal([0xBF4Fu, 0xBF50u, 0xBF3Du, 0xBF4Fu], test.Eim.Requests.Select(body => new BerReader(body).PeekTag()));
        var handed = BerMessage.Decode<HandleNotification>(test.Eim.Sent(0xBF3D)[0]).Notification!;
        Assert.Equal(Assert.Single(test.Eim.Results).DownloadResult!.InstallationResult!.Encoded.ToArray(), handed.Encoded.ToArray());
        Assert.Equal(0, test.Device.Inspect().PendingNotifications);
    }

    [Fact]
    public async Task Lost_answers_on_the_way_to_the_smdp_are_fetched_again()
    {
        await using var test = await TestFleet.StartAsync(options => options with { Network = new NetworkSettings(DropEvery: 2) });
        await using var server = await SmdpServer.StartAsync(test.Pki);
        Trigger(test, server.ActivationCode);

        for (var polls = 0; polls < 3; polls++)
        {
            await test.PollAsync();
        }

        Assert.Equal(server.Smdp.Package, test.Device.ReadProfilePackage(TestSmdp.Iccid));
        Assert.True(test.Eim.Results[0].DownloadResult!.InstallationResult!.IsSuccess);
        Assert.Equal(1, server.Smdp.Bound);
        Assert.True(server.Requests.Count > WholeDownload.Length);
    }

    [Fact]
    public async Task Without_a_network_there_is_no_download_and_no_answer()
    {
        await using var test = await TestFleet.StartAsync(options => options with { Ipa = options.Ipa with { FallbackAfterFailedPolls = 0 } });
        await using var server = await SmdpServer.StartAsync(test.Pki);
        server.FailsWith = function =>
        {
            // The network goes as soon as the download has begun.
            test.SetNetwork(TestFleet.First);
            return 503;
        };
        Trigger(test, server.ActivationCode);

        Assert.Equal(PollOutcome.NoNetwork, (await test.PollAsync()).Outcome);
        Assert.Empty(test.Eim.Results);
        server.FailsWith = _ => null;
        test.SetNetwork();
        Assert.Equal(PollOutcome.Idle, (await test.PollAsync()).Outcome);
        Assert.True(Assert.Single(test.Eim.Results).DownloadResult!.InstallationResult!.IsSuccess);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_device_that_loses_power_after_the_installation_reports_it_and_does_not_download_again(bool indirect)
    {
        await using var test = await TestFleet.StartAsync(indirect ? Indirect : null, inFolder: true);
        await using var server = await SmdpServer.StartAsync(test.Pki);
        if (indirect)
        {
            test.Eim.Instead = new SmdpRelay(server.Smdp).Answer;
        }

        test.Device.Network.Settings = new NetworkSettings(PowerCut: true);
        var id = Trigger(test, server.ActivationCode);
        Assert.Equal(PollOutcome.PowerLost, (await test.PollAsync()).Outcome);
        Assert.Equal(1, test.Device.Inspect().PendingNotifications);
        Assert.Empty(test.Eim.Results);
        test.Restart();

        Assert.Equal(PollOutcome.Idle, (await test.PollAsync()).Outcome);

        var result = Assert.Single(test.Eim.Results).DownloadResult!;
        Assert.Equal((id, true), (result.TransactionId!.Value, result.InstallationResult!.IsSuccess));
        Assert.Single(server.Smdp.Notifications);
        Assert.Equal((1, 0), (server.Smdp.Bound, test.Device.Inspect().PendingNotifications));
    }

    [Fact]
    public async Task A_trigger_that_comes_again_is_answered_by_what_is_stored()
    {
        await using var test = await TestFleet.StartAsync(inFolder: true);
        await using var server = await SmdpServer.StartAsync(test.Pki);
        var trigger = new ProfileDownloadTriggerRequest(server.ActivationCode, TransactionId: TransactionId.Random()).Encode();
        test.Eim.Enqueue(trigger);
        await test.PollAsync();
        test.Restart();
        test.Eim.Enqueue(trigger);

        await test.PollAsync();

        Assert.Equal(WholeDownload, server.Functions);
        Assert.Equal(
            test.Eim.Results[0].DownloadResult!.InstallationResult!.Encoded.ToArray(),
            test.Eim.Results[1].DownloadResult!.InstallationResult!.Encoded.ToArray());

        // Once the profile is gone, the answer is no longer true.
        test.Eim.Enqueue(test.Eid, new DeleteProfile(TestSmdp.Iccid));
        await test.PollAsync();
        test.Eim.Enqueue(trigger);
        await test.PollAsync();
        Assert.Equal(2, server.Functions.Count(function => function == "getBoundProfilePackage"));
    }

    [Fact]
    public async Task The_activation_code_is_nowhere_in_the_devices_folder()
    {
        await using var test = await TestFleet.StartAsync(inFolder: true);
        await using var server = await SmdpServer.StartAsync(test.Pki);
        Trigger(test, $"1${server.Address}$SECRETMATCH");
        await test.PollAsync();

        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(test.FileOf("card.json"))!))
        {
            Assert.DoesNotContain("SECRETMATCH", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Notifications_of_a_downloaded_profile_come_with_the_results_of_the_packages_that_caused_them()
    {
        await using var test = await TestFleet.StartAsync();
        await using var server = await SmdpServer.StartAsync(test.Pki);
        Trigger(test, server.ActivationCode);
        test.Eim.Enqueue(test.Eid, new EnableProfile(TestSmdp.Iccid, Rollback: false));

        Assert.Equal(new PollReport(PollOutcome.Idle, 2), await test.PollAsync());

        var enabled = test.Eim.Results[1];
        Assert.Equal(
            [(TestFleet.First, "smdp.test"), (TestSmdp.Iccid, server.Address)],
            enabled.Notifications!.Select(notification => (notification.Metadata!.Iccid!.Value, notification.Metadata.Address)));
        Assert.Equal(TestSmdp.Iccid, test.Device.Inspect().EnabledProfile);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_profile_is_enabled_at_once_where_the_eim_has_configured_it_and_the_eim_hears_why(bool allowed)
    {
        await using var test = await TestFleet.StartAsync(options => options with { Ipa = options.Ipa with { ImmediateEnable = allowed } });
        await using var server = await SmdpServer.StartAsync(test.Pki);
        test.Eim.Enqueue(test.Eid, new ConfigureImmediateEnable(true, null, server.Address));
        Trigger(test, server.ActivationCode);

        await test.PollAsync();
        await test.PollAsync();

        Assert.Equal(allowed ? TestSmdp.Iccid : TestFleet.First, test.Device.Inspect().EnabledProfile);
        Assert.True(test.Eim.Results[1].DownloadResult!.InstallationResult!.IsSuccess);
        var last = BerMessage.Decode<GetEimPackageRequest>(test.Eim.Sent(0xBF4F)[^1]);
        Assert.Equal(allowed ? StateChangeCause.ImmediateEnableProfile : null, last.Cause);
        Assert.Equal(
            allowed ? [NotificationEvents.Disable, NotificationEvents.Enable] : [],
            test.Eim.Sent(0xBF3D).Select(body => BerMessage.Decode<HandleNotification>(body).Notification!.Metadata!.Event));
    }

    [Theory]
    [InlineData("rubbish", "the activation code cannot be read")]
    [InlineData("1$smdp.example.com", "the activation code cannot be read")]
    public async Task An_activation_code_that_cannot_be_read_is_answered(string code, string reason)
    {
        await using var test = await TestFleet.StartAsync();
        Trigger(test, code);
        await test.PollAsync();
        Assert.Equal(reason, Text(Failure(test)));
    }

    [Fact]
    public async Task An_ipa_that_downloads_neither_way_says_so()
    {
        await using var test = await TestFleet.StartAsync(options => options with
        {
            Ipa = options.Ipa with { Capabilities = new IpaCapabilities(IpaFeatures.None) },
        });
        Trigger(test, "1$smdp.example.com$MATCH");
        await test.PollAsync();
        Assert.Equal("this IPA downloads no profiles", Text(Failure(test)));
    }

    private static Device.Fleet.FleetOptions Indirect(Device.Fleet.FleetOptions options)
    {
        var eims = BerMessage.Decode<AddInitialEimRequest>(options.EimConfiguration).Eims;
        return options with { EimConfiguration = new AddInitialEimRequest([.. eims.Select(eim => eim with { IndirectProfileDownload = true })]).Encode() };
    }

    private static byte[] WithMatchingId(byte[] answer, string matchingId) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0xBF39))
        using (writer.Constructed(0xA0))
        {
            writer.Raw(new BerReader(answer).Inside(0xBF39).Inside(0xA0).Remaining.Span);
            writer.Utf8(0x0C, matchingId);
        }
    });

    private static TransactionId Trigger(TestFleet test, string activationCode)
    {
        var id = TransactionId.Random();
        test.Eim.Enqueue(new ProfileDownloadTriggerRequest(activationCode, TransactionId: id).Encode());
        return id;
    }

    private static ProfileDownloadTriggerResult Failure(TestFleet test)
    {
        var result = Assert.Single(test.Eim.Results).DownloadResult!;
        Assert.Null(result.InstallationResult);
        return result;
    }

    private static string Text(ProfileDownloadTriggerResult result) => Encoding.UTF8.GetString(result.ErrorResponse!.Value.Span);
}

using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Ipa;

/// <summary>Whom an IPA talks to, what it tells of the card, and what it makes of answers that make no sense.</summary>
public sealed class EsipaTests
{
    [Fact]
    public async Task A_server_with_another_key_than_the_pinned_one_hears_nothing()
    {
        using var other = EcPrivateKey.Generate(EcCurve.P256);
        await using var test = await TestFleet.StartAsync(pin: (_, _) => new EimKeyData(PublicKey: other.PublicKey.ToSubjectPublicKeyInfo()));

        Assert.Equal(PollOutcome.Unreachable, (await test.PollAsync()).Outcome);
        Assert.Empty(test.Eim.Requests);
    }

    [Fact]
    public async Task A_pinned_certificate_is_that_of_the_server_or_of_the_CA_that_issued_it()
    {
        await using var exact = await TestFleet.StartAsync(pin: (eim, _) => new EimKeyData(Certificate: eim.Tls.Certificate.Encoded));
        Assert.Equal(PollOutcome.Idle, (await exact.PollAsync()).Outcome);

        await using var issued = await TestFleet.StartAsync(pin: (_, pki) => new EimKeyData(Certificate: pki.Ci.Certificate.Encoded));
        Assert.Equal(PollOutcome.Idle, (await issued.PollAsync()).Outcome);

        await using var foreign = await TestFleet.StartAsync(pin: (_, pki) =>
        {
            using var other = pki.IssueCi();
            return new EimKeyData(Certificate: other.Certificate.Encoded);
        });
        Assert.Equal(PollOutcome.Unreachable, (await foreign.PollAsync()).Outcome);
        Assert.Empty(foreign.Eim.Requests);
    }

    [Fact]
    public void Under_a_pinned_CA_name_and_validity_count()
    {
        using var pki = new TestPki(EcCurve.P256, TestFleet.Now.AddDays(-1), TestFleet.Now.AddDays(1));
        using var server = pki.IssueEimTls(["eim.test"]);
        using var presented = X509CertificateLoader.LoadCertificate(server.Certificate.Encoded.Span);
        var ca = new EimKeyData(Certificate: pki.Ci.Certificate.Encoded);

        Assert.True(EimPin.Accepts(ca, presented, nameFits: true, TestFleet.Now));
        Assert.False(EimPin.Accepts(ca, presented, nameFits: false, TestFleet.Now));
        Assert.False(EimPin.Accepts(ca, presented, nameFits: true, TestFleet.Now.AddDays(2)));
        Assert.False(EimPin.Accepts(new EimKeyData(Certificate: pki.Eum.Certificate.Encoded), presented, nameFits: true, TestFleet.Now));
        Assert.False(EimPin.Accepts(null, presented, nameFits: true, TestFleet.Now));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", false)]
    [InlineData("http://eim.example", true)]
    [InlineData("ftp://127.0.0.1", true)]
    public void Plain_http_is_for_loopback_and_only_when_allowed(string address, bool allowed)
    {
        using var handler = new SocketsHttpHandler();
        var options = new IpaOptions { AllowPlainHttpOnLoopback = allowed };

        Assert.Throws<EsipaException>(() => new EsipaClient(handler, new Uri(address), options, TimeProvider.System, NullLogger.Instance));
    }

    [Fact]
    public async Task A_data_request_is_answered_from_the_card_and_the_ipa()
    {
        await using var test = await TestFleet.StartAsync();
        var id = TransactionId.Random();
        test.Eim.Enqueue(new IpaEuiccDataRequest(
            IpaEuiccDataTag.List(0xA0, 0x81, 0xA2, 0xBF20, 0xBF22, 0x83, 0x84, 0xA5, 0xA6, 0xA8, 0xA9), TransactionId: id).Encode());

        await test.PollAsync();

        var data = Assert.IsType<IpaEuiccData>(Assert.Single(test.Eim.Results).DataResponse);
        Assert.Equal(id, data.TransactionId);
        Assert.Empty(data.Notifications!);
        Assert.Empty(data.PackageResults!);
        Assert.Equal(0xBF20u, new BerReader(data.EuiccInfo1!.Value).PeekTag());
        Assert.Equal(0xBF22u, new BerReader(data.EuiccInfo2!.Value).PeekTag());
        Assert.Equal(test.Pki.Eum.Certificate.Encoded.ToArray(), data.EumCertificate!.Value.ToArray());
        Assert.Equal(test.Eid.ToString(), RspCertificate.Parse(data.EuiccCertificate!.Value).SubjectSerialNumber);
        Assert.Equal(new IpaCapabilities(
            IpaFeatures.DirectRspServerCommunication | IpaFeatures.IndirectRspServerCommunication, EimSupportedProtocols.RetrieveHttps), data.IpaCapabilities);
        Assert.Equal("800435290611A100", Convert.ToHexString(data.DeviceInfo!.Value.Span));
    }

    [Fact]
    public async Task A_data_request_for_package_results_brings_what_waits_and_its_acknowledgement_deletes_it()
    {
        await using var test = await TestFleet.StartAsync();
        test.Eim.Acknowledges = _ => [];
        test.Eim.Enqueue(test.Eid, new DeleteProfile(TestFleet.Second));
        test.Eim.Enqueue(new IpaEuiccDataRequest(IpaEuiccDataTag.List(0xA2)).Encode());
        test.Eim.Enqueue(new IpaEuiccDataRequest(IpaEuiccDataTag.List(0xA2), ResultSequenceNumber: 99).Encode());

        await test.PollAsync();

        var results = test.Eim.Results;
        var data = Assert.IsType<IpaEuiccData>(results[1].DataResponse);
        Assert.Equal(results[0].PackageResult!.Encoded.ToArray(), Assert.Single(data.PackageResults!).Encoded.ToArray());
        Assert.Empty(Assert.IsType<IpaEuiccData>(results[2].DataResponse).PackageResults!);
    }

    [Theory]
    [InlineData("5A", IpaEuiccDataErrorCode.IncorrectTagList)]
    [InlineData("BF20BF2D", IpaEuiccDataErrorCode.IncorrectTagList)]
    [InlineData("BF", IpaEuiccDataErrorCode.IncorrectTagList)]
    public async Task A_data_request_with_a_forbidden_tag_is_refused(string tags, IpaEuiccDataErrorCode expected)
    {
        await using var test = await TestFleet.StartAsync();
        var id = TransactionId.Random();
        test.Eim.Enqueue(new IpaEuiccDataRequest(Convert.FromHexString(tags), TransactionId: id).Encode());

        await test.PollAsync();

        var error = Assert.IsType<IpaEuiccDataError>(Assert.Single(test.Eim.Results).DataResponse);
        Assert.Equal((expected, id), (error.Code, error.TransactionId!.Value));
    }

    [Fact]
    public async Task A_data_request_for_the_chain_of_a_CI_that_the_card_does_not_know_is_refused()
    {
        await using var test = await TestFleet.StartAsync();
        test.Eim.Enqueue(new IpaEuiccDataRequest(IpaEuiccDataTag.List(0xA5, 0xA6), CiPkId: new byte[20]).Encode());

        await test.PollAsync();

        Assert.Equal(
            IpaEuiccDataErrorCode.EuiccCiPkIdNotFound, Assert.IsType<IpaEuiccDataError>(Assert.Single(test.Eim.Results).DataResponse).Code);
    }

    [Theory]
    [InlineData("", 200, PollOutcome.Malformed)]
    [InlineData("00", 200, PollOutcome.Malformed)]
    [InlineData("BF4F7F", 200, PollOutcome.Malformed)]
    [InlineData("BF4F80", 200, PollOutcome.Malformed)]
    [InlineData("BF50023000", 200, PollOutcome.Malformed)]
    [InlineData("3C68746D6C3E", 404, PollOutcome.Refused)]
    [InlineData("3C68746D6C3E", 503, PollOutcome.Refused)]
    public async Task An_answer_that_makes_no_sense_ends_the_poll_and_the_next_one_works(string answer, int status, PollOutcome expected)
    {
        await using var test = await TestFleet.StartAsync();
        test.Eim.Instead = _ => Convert.FromHexString(answer);
        test.Eim.InsteadStatus = status;
        Assert.Equal(expected, (await test.PollAsync()).Outcome);

        test.Eim.Instead = _ => null;
        Assert.Equal(PollOutcome.Idle, (await test.PollAsync()).Outcome);
    }

    [Fact]
    public async Task An_answer_beyond_the_bound_is_not_read()
    {
        await using var test = await TestFleet.StartAsync(options => options with { Ipa = options.Ipa with { MaxResponseBytes = 1000 } });
        test.Eim.Instead = _ => new byte[1001];

        Assert.Equal(PollOutcome.Malformed, (await test.PollAsync()).Outcome);
    }

    [Theory]
    [InlineData(GetEimPackageError.EidNotFound)]
    [InlineData(GetEimPackageError.InvalidEid)]
    [InlineData(GetEimPackageError.MissingEid)]
    [InlineData(GetEimPackageError.UndefinedError)]
    public async Task An_eim_that_does_not_want_the_device_is_reported_as_refusing(GetEimPackageError error)
    {
        await using var test = await TestFleet.StartAsync();
        test.Eim.Empty = error;

        Assert.Equal(new PollReport(PollOutcome.Refused), await test.PollAsync());
        Assert.Single(test.Eim.Requests);
    }

    [Fact]
    public async Task A_request_without_an_answer_ends_after_its_five_seconds()
    {
        await using var test = await TestFleet.StartAsync(options => options with { Ipa = options.Ipa with { RequestAttempts = 1 } });
        test.Device.Network.Settings = new NetworkSettings(LatencyMs: 100);
        var arrived = new TaskCompletionSource();
        using var release = new ManualResetEventSlim();
        test.Eim.Instead = _ =>
        {
            arrived.SetResult();
            release.Wait(TestContext.Current.CancellationToken);
            return null;
        };

        var poll = test.PollAsync();
        test.Time.Advance(TimeSpan.FromMilliseconds(100));
        await arrived.Task;
        test.Time.Advance(TimeSpan.FromSeconds(4.8));
        Assert.False(poll.IsCompleted);
        test.Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(PollOutcome.Unreachable, (await poll).Outcome);
        release.Set();
    }

    [Fact]
    public async Task Lost_answers_are_asked_for_again_after_the_pause()
    {
        await using var test = await TestFleet.StartAsync(
            options => options with { Ipa = new IpaOptions { RequestTimeout = TimeSpan.FromDays(1), RetryDelay = TimeSpan.FromSeconds(30) } });
        test.Device.Network.Settings = new NetworkSettings(DropEvery: 1);

        var poll = test.PollAsync();
        while (!poll.IsCompleted)
        {
            test.Time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        Assert.Equal(PollOutcome.Unreachable, (await poll).Outcome);
        Assert.Equal(3, test.Eim.Requests.Count);
        Assert.True(test.Time.GetUtcNow() - TestFleet.Now >= TimeSpan.FromSeconds(60));
    }
}

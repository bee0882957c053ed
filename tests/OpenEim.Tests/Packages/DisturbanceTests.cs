using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>Lost answers, repeated and late ones, and everything that must not be believed.</summary>
public abstract class DisturbanceTests(DbEngine engine)
{
    [Fact]
    public async Task Repeated_poll_gets_identical_bytes_and_the_counter_rises_once()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var before = device.Card.Eims[0].Counter;
        await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);

        var first = await device.PollAsync();
        var second = await device.PollAsync();
        Assert.Equal(first, second);
        await device.RunAsync();

        Assert.Equal(before + 1, device.Card.Eims[0].Counter);
    }

    [Fact]
    public async Task Repeated_result_is_acknowledged_again_and_changes_nothing()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var result = device.Execute((await device.PollAsync())!);
        var lost = await device.ProvideAndLoseAnswerAsync(result);
        var ended = await lab.ReadAsync(device, operation);
        lab.Clock.Advance(TimeSpan.FromSeconds(10));

        var again = await device.ProvideAsync(result);

        Assert.Equal(lost.Acknowledgements!.SequenceNumbers, again.Acknowledgements!.SequenceNumbers);
        Assert.Equal(ended, await lab.ReadAsync(device, operation));
        Assert.Equal(0, device.Card.PendingResults);
    }

    [Fact]
    public async Task Result_without_an_EID_finds_its_way_by_the_transaction_id()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);

        await device.ProvideAsync(device.Execute((await device.PollAsync())!), withEid: false);

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    [Fact]
    public async Task ReplayError_for_a_package_whose_result_never_came_leads_to_the_stored_result()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var package = (await device.PollAsync())!;
        device.Execute(package);

        await device.ProvideAsync(device.Execute((await device.PollAsync())!));
        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(device, operation)).Status);
        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
        Assert.Equal(0, device.Card.PendingResults);
        Assert.Equal("1 Installed, 2 Enabled, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task Fetching_a_stored_result_does_not_forget_the_cards_addresses()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        Assert.Equal("smdp.test smds.test", await lab.AddressesAsync(device));
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        device.Execute((await device.PollAsync())!);

        // The card says replayError, and a data request that asks for stored results alone follows.
        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
        Assert.Equal("smdp.test smds.test", await lab.AddressesAsync(device));
    }

    [Fact]
    public async Task ReplayError_whose_stored_result_is_gone_is_decided_by_the_profile_list()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var executed = (EuiccPackageResultSigned)device.Execute((await device.PollAsync())!).PackageResult!;
        device.Functions.Remove(executed.SequenceNumber!.Value);

        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
        Assert.Equal("1 Installed, 2 Enabled, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Theory]
    [InlineData("forged signature")]
    [InlineData("altered result")]
    [InlineData("another eUICC's signature")]
    public async Task Result_that_the_eUICC_did_not_sign_changes_nothing_and_the_log_says_why(string kind)
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var result = device.Execute((await device.PollAsync())!);
        var signed = (EuiccPackageResultSigned)result.PackageResult!;
        using var foreign = lab.Pki.IssueEuicc(Eid.Parse("89049032000000000000000000000099"));
        byte[] otherData = EuiccPackageResultSigned.EncodeData(
            signed.EimId, signed.CounterValue, signed.TransactionId, signed.SequenceNumber, [new CommandResult(EuiccCommand.Enable, 1)]);
        var forged = kind switch
        {
            "forged signature" => EuiccPackageResultSigned.Encode(signed.SignedData, Flipped(signed.Signature)),
            "altered result" => EuiccPackageResultSigned.Encode(otherData, signed.Signature),
            _ => EuiccPackageResultSigned.Encode(signed.SignedData, foreign.Key.Sign(PackageSignature.Input(signed.SignedData.Span, null))),
        };

        var response = await device.ProvideAndLoseAnswerAsync(new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(forged)));

        Assert.Equal(ProvideEimPackageResultError.UndefinedError, response.Error);
        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(device, operation)).Status);
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
        lab.AssertWarned($"eUICC {device.Eid}: a package result with counter {signed.CounterValue} was refused: its signature does not verify with the eUICC's key");

        await device.ProvideAsync(result);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    [Fact]
    public async Task Genuine_result_for_another_eUICCs_transaction_changes_neither()
    {
        await using var lab = new EngineLab(engine);
        var victim = await lab.NewKnownDeviceAsync(1);
        var other = await lab.NewKnownDeviceAsync(2);
        var operation = await lab.ScheduleAsync(victim, OperationAction.Delete, EngineLab.Third);
        var othersOperation = await lab.ScheduleAsync(other, OperationAction.Delete, EngineLab.Third);
        await victim.PollAsync();
        var result = other.Execute((await other.PollAsync())!);

        var response = await victim.ProvideAndLoseAnswerAsync(result);

        Assert.Equal(ProvideEimPackageResultError.UndefinedError, response.Error);
        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(victim, operation)).Status);
        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(other, othersOperation)).Status);
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(victim));
        lab.AssertWarned($"eUICC {victim.Eid}: a package result with counter 2 was refused: its signature does not verify with the eUICC's key");
    }

    [Fact]
    public async Task Result_that_an_eUICC_signs_for_anothers_transaction_changes_neither()
    {
        await using var lab = new EngineLab(engine);
        var eid = Eid.Parse("89049032000000000000000000000001");
        using var identity = lab.Pki.IssueEuicc(eid);
        var culprit = await lab.NewDeviceAsync(1, identity);
        await culprit.RunAsync();
        var victim = await lab.NewKnownDeviceAsync(2);
        var operation = await lab.ScheduleAsync(victim, OperationAction.Delete, EngineLab.Third);
        var package = BerMessage.Decode<EuiccPackageRequest>((await victim.PollAsync())!).ReadSigned();
        var data = EuiccPackageResultSigned.EncodeData(
            package.EimId, package.CounterValue, package.TransactionId, 70, [new CommandResult(EuiccCommand.Delete, 0)]);
        var result = new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(
            EuiccPackageResultSigned.Encode(data, identity.Key.Sign(PackageSignature.Input(data, null)))));

        await culprit.ProvideAndLoseAnswerAsync(result);
        lab.AssertWarned($"eUICC {eid}: a signed result for transaction {package.TransactionId} with counter {package.CounterValue}, which is not in our books");

        // Without an EID the transaction names the victim, whose key did not sign it.
        var response = await culprit.ProvideAndLoseAnswerAsync(result, withEid: false);
        Assert.Equal(ProvideEimPackageResultError.UndefinedError, response.Error);
        lab.AssertWarned($"eUICC {victim.Eid}: a package result with counter {package.CounterValue} was refused: its signature does not verify with the eUICC's key");

        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(victim, operation)).Status);
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(victim));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(culprit));
    }

    [Fact]
    public async Task Unsigned_error_changes_no_state_and_the_package_rests_for_a_minute()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var package = (await device.PollAsync())!;
        var transaction = BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned().TransactionId;
        var error = BerMessage.Decode<EuiccPackageResult>(EuiccPackageErrorUnsigned.Encode("eim.test", transaction, null));

        await device.ProvideAsync(new EimPackageResult(error));

        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(device, operation)).Status);
        Assert.Null(await device.PollAsync());
        lab.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(package, await device.PollAsync());
        await device.RunAsync();
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    public static TheoryData<string, string> WrongIdentities() => new()
    {
        { "expired eUICC", "the eUICC certificate expired on 2026-01-02 03:04:04Z" },
        { "expired EUM", "the EUM certificate expired on 2026-01-02 03:04:04Z" },
        { "untrusted CI", "no trusted CI has the key that the EUM certificate names as its issuer's" },
        { "untrusted issuer under a trusted EUM's name", "the eUICC certificate names another issuer's key than the EUM's" },
        { "another EID", "the eUICC's certificate is for EID 89049032000000000000000000000077, not for 89049032000000000000000000000001" },
    };

    [Theory]
    [MemberData(nameof(WrongIdentities))]
    public async Task Certificate_that_is_not_to_be_trusted_is_refused_at_first_contact(string kind, string reason)
    {
        await using var lab = new EngineLab(engine);
        var eid = Eid.Parse("89049032000000000000000000000001");
        using var otherCi = lab.Pki.IssueCi();
        using var eum = kind switch
        {
            "expired EUM" => lab.Pki.IssueEum(Expired),
            "untrusted CI" => lab.Pki.IssueEum(issuer: otherCi),
            _ => null,
        };
        using var identity = kind switch
        {
            "expired eUICC" => lab.Pki.IssueEuicc(eid, Expired),
            "another EID" => lab.Pki.IssueEuicc(Eid.Parse("89049032000000000000000000000077")),
            _ => lab.Pki.IssueEuicc(eid, issuer: eum ?? otherCi),
        };
        var device = await lab.NewDeviceAsync(1, identity, eum: eum?.Certificate);
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);

        var response = await device.ProvideAsync(device.Execute((await device.PollAsync())!));

        Assert.Equal(ProvideEimPackageResultError.UndefinedError, response.Error);
        Assert.Null(await device.PollAsync());
        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(device, operation)).Status);
        Assert.Empty((await lab.ReadAsync(device)).Profiles);
        lab.AssertWarned($"eUICC {eid}: the certificates in its data are not trusted: {reason}");

        CertificateTemplate Expired(CertificateTemplate template) => template with { NotAfter = lab.Clock.GetUtcNow().AddSeconds(-1) };
    }

    [Fact]
    public async Task Result_that_is_signed_by_the_rule_of_version_1_0_is_believed()
    {
        await using var lab = new EngineLab(engine);
        var eid = Eid.Parse("89049032000000000000000000000001");
        using var identity = lab.Pki.IssueEuicc(eid);
        var device = await lab.NewDeviceAsync(1, identity);
        await device.RunAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Delete, EngineLab.Third);
        var request = BerMessage.Decode<EuiccPackageRequest>((await device.PollAsync())!);
        var package = request.ReadSigned();
        var data = EuiccPackageResultSigned.EncodeData(package.EimId, package.CounterValue, null, 40, [new CommandResult(EuiccCommand.Delete, 0)]);
        var signature = identity.Key.Sign(PackageSignature.InputV10(data, request.Signature.Span));

        var result = BerMessage.Decode<EuiccPackageResult>(EuiccPackageResultSigned.Encode(data, signature));
        // Without a transaction id the package, and so its eimSignature, is found by the counter.
        var response = await device.ProvideAndLoseAnswerAsync(new EimPackageResult(result));

        Assert.Equal([40], response.Acknowledgements!.SequenceNumbers);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    [Fact]
    public async Task Unknown_EID_is_told_so()
    {
        await using var lab = new EngineLab(engine);
        var request = new GetEimPackageRequest(Eid.Parse("89049032000000000000000000000055"));

        var answer = await lab.Eim.Esipa.GetEimPackage.ExecuteAsync(request, ct: TestContext.Current.CancellationToken);

        Assert.Equal("BF4F03020102", Convert.ToHexString(answer.Encode()));
    }

    private static byte[] Flipped(ReadOnlyMemory<byte> signature)
    {
        var flipped = signature.ToArray();
        flipped[^1] ^= 1;
        return flipped;
    }
}

public sealed class DisturbanceTestsOnSqlite() : DisturbanceTests(DbEngine.Sqlite);

public sealed class DisturbanceTestsOnPostgres() : DisturbanceTests(DbEngine.Postgres);

using OpenEim.Manager.Operations;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>What a message may cost: signatures are checked before the eUICC's row is locked, and the first bad one ends its list.</summary>
public abstract class BoundedMessageTests(DbEngine engine)
{
    private static readonly byte[] SmdpOid = [0x88, 0x37, 0x0A];

    // Nothing of a stranger's may wait for a lock. Longer than that and the test has failed.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void Message_of_1545_notifications_is_refused_before_anything_is_read_or_checked()
    {
        var error = BerMessage.Decode<EuiccPackageResult>(EuiccPackageErrorUnsigned.Encode("eim.test", null, null));
        var notifications = Enumerable.Repeat<PendingNotification>(Bogus(1), 1545).ToList();
        var message = new ProvideEimPackageResult(Eid.Parse("89049032000000000000000000000001"), new EimPackageResult(error, notifications)).Encode();

        Assert.InRange(message.Length, 150_000, 262_144);
        Assert.Contains("more than 100 notifications", Assert.Throws<ProtocolException>(() => EsipaRequest.Decode(message)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("notifications of data")]
    [InlineData("results of data")]
    public void Message_of_101_parts_is_refused_and_one_of_100_is_read(string kind)
    {
        var error = BerMessage.Decode<EuiccPackageResult>(EuiccPackageErrorUnsigned.Encode("eim.test", null, null));
        byte[] Message(int count) => new ProvideEimPackageResult(null, new EimPackageResult(DataResponse: kind == "results of data"
            ? new IpaEuiccData { PackageResults = [.. Enumerable.Repeat(error, count)] }
            : new IpaEuiccData { Notifications = [.. Enumerable.Repeat(Bogus(1), count)] })).Encode();

        EsipaRequest.Decode(Message(100));
        Assert.Throws<ProtocolException>(() => EsipaRequest.Decode(Message(101)));
    }

    [Fact]
    public async Task Hundred_bogus_notifications_cost_one_signature_one_line_and_no_lock()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        using var verifications = new VerificationCount(lab.Telemetry);
        var lines = lab.Log.Lines.Count;
        var message = new EimPackageResult(
            BerMessage.Decode<EuiccPackageResult>(EuiccPackageErrorUnsigned.Encode("eim.test", null, null)),
            [.. Enumerable.Range(1, 100).Select(Bogus)]);

        var response = await WhileLockedAsync(lab, () => device.ProvideAndLoseAnswerAsync(message));

        Assert.Equal(ProvideEimPackageResultError.UndefinedError, response.Error);
        Assert.Equal(1, verifications.Value);
        Assert.Equal(lines + 1, lab.Log.Lines.Count);
        lab.AssertWarned($"eUICC {device.Eid}: a notification was refused: its signature does not verify; 99 more parts of the message are not believed either");
    }

    [Fact]
    public async Task Bogus_notifications_of_data_and_on_their_own_take_no_lock_either()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        using var verifications = new VerificationCount(lab.Telemetry);
        var alone = OfStranger(device.Eid, lab);
        var data = new EimPackageResult(DataResponse: new IpaEuiccData { Notifications = [.. Enumerable.Repeat<PendingNotification>(Bogus(1), 100)] });

        await WhileLockedAsync(lab, async () =>
        {
            await lab.Eim.Esipa.HandleNotification.ExecuteAsync((HandleNotification)EsipaRequest.Decode(new HandleNotification(alone).Encode()), ct: TestContext.Current.CancellationToken);
            return await device.ProvideAndLoseAnswerAsync(data);
        });

        // A chain that is not trusted, then a notification.
        Assert.Equal(2, verifications.Value);
    }

    [Fact]
    public async Task Forged_result_holds_its_package_once_and_then_takes_no_lock()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var package = BerMessage.Decode<EuiccPackageRequest>((await device.PollAsync())!).ReadSigned();
        var data = EuiccPackageResultSigned.EncodeData(
            package.EimId, package.CounterValue, package.TransactionId, 70, [new CommandResult(EuiccCommand.Enable, 0)]);
        var forged = new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(EuiccPackageResultSigned.Encode(data, new byte[64])));

        await device.ProvideAndLoseAnswerAsync(forged);
        Assert.Null(await device.PollAsync());

        var again = await WhileLockedAsync(lab, () => device.ProvideAndLoseAnswerAsync(forged));
        Assert.Equal(ProvideEimPackageResultError.UndefinedError, again.Error);
    }

    [Fact]
    public async Task Notifications_before_the_first_bad_one_are_stored_and_those_after_it_are_not_looked_at()
    {
        await using var lab = new EngineLab(engine);
        var eid = Eid.Parse("89049032000000000000000000000001");
        using var card = lab.Pki.IssueEuicc(eid);
        var device = await lab.NewDeviceAsync(1, card);
        await device.RunAsync();
        using var verifications = new VerificationCount(lab.Telemetry);
        PendingNotification Genuine(long number) => Signed(number, card, lab);
        var message = new EimPackageResult(
            BerMessage.Decode<EuiccPackageResult>(EuiccPackageErrorUnsigned.Encode("eim.test", null, null)),
            [Genuine(50), Genuine(51), Bogus(52), Genuine(53)]);

        var response = await device.ProvideAndLoseAnswerAsync(message);

        Assert.Equal([50, 51], response.Acknowledgements!.SequenceNumbers);
        // The chain once, then three signatures.
        Assert.Equal(4, verifications.Value);
        Assert.Contains(
            $"Warning: eUICC {eid}: a notification was refused: its signature does not verify; 1 more parts of the message are not believed either", lab.Log.Lines);
    }

    [Fact]
    public async Task First_contact_may_bring_results_that_its_own_certificates_prove()
    {
        await using var lab = new EngineLab(engine);
        var eid = Eid.Parse("89049032000000000000000000000001");
        using var card = lab.Pki.IssueEuicc(eid);
        var device = await lab.NewDeviceAsync(1, card);
        var request = BerMessage.Decode<IpaEuiccDataRequest>((await device.PollAsync())!);
        var signed = ProfileInstallationResult.EncodeData(
            TransactionId.FromBytes([10, 11]), new NotificationMetadata(7, NotificationEvents.Install, "smdp.test", EngineLab.First), SmdpOid, Failure());
        var installation = ProfileInstallationResult.Create(signed, card.Key.Sign(signed));

        var response = await device.ProvideAndLoseAnswerAsync(new EimPackageResult(DataResponse: device.Answer(request) with { Notifications = [installation] }));

        Assert.Equal([7], response.Acknowledgements!.SequenceNumbers);
    }

    [Fact]
    public async Task Token_that_changes_while_a_message_waits_for_its_turn_makes_it_be_checked_anew()
    {
        await using var lab = new EngineLab(engine);
        var eid = Eid.Parse("89049032000000000000000000000001");
        using var card = lab.Pki.IssueEuicc(eid);
        var device = await lab.NewDeviceAsync(1, card);
        await device.RunAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var result = new EimPackageResult(device.Execute((await device.PollAsync())!).PackageResult, [Signed(60, card, lab)]);
        await SetTokenAsync(lab, eid, 5);
        using var verifications = new VerificationCount(lab.Telemetry);

        // With the token 5 the result does not verify; when its turn comes that token is gone.
        Task<ProvideEimPackageResultResponse> answer = null!;
        await lab.Database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("UPDATE euicc SET association_token = NULL WHERE eid = @eid", new { eid = eid.ToBytes() });
            answer = Task.Run(() => device.ProvideAndLoseAnswerAsync(result));
            await UntilAsync(() => verifications.Value == 4);
        }, TestContext.Current.CancellationToken);

        Assert.Equal(2, (await answer).Acknowledgements!.SequenceNumbers.Count);
        Assert.Equal(4 + 3, verifications.Value);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    private static InstallationFinalResult.Failure Failure() => new(BppCommandId.LoadProfileElements, InstallationErrorReason.Scp03tSecurityError);

    private static ProfileInstallationResult Bogus(int number)
    {
        var data = ProfileInstallationResult.EncodeData(
            TransactionId.FromBytes([10, 11]), new NotificationMetadata(number, NotificationEvents.Install, "smdp.test", EngineLab.First), SmdpOid, Failure());
        return ProfileInstallationResult.Create(data, Enumerable.Repeat((byte)0x11, 64).ToArray());
    }

    private static OtherSignedNotification Signed(long number, RspIdentity card, EngineLab lab)
    {
        var data = new NotificationMetadata(number, NotificationEvents.Enable, "smdp.test", EngineLab.Second).Encode();
        return OtherSignedNotification.Create(data, card.Key.Sign(data), card.Certificate.Encoded, lab.Pki.Eum.Certificate.Encoded);
    }

    private static OtherSignedNotification OfStranger(Eid eid, EngineLab lab)
    {
        using var otherCi = lab.Pki.IssueCi();
        using var identity = lab.Pki.IssueEuicc(eid, issuer: otherCi);
        return Signed(1, identity, lab);
    }

    private static Task SetTokenAsync(EngineLab lab, Eid eid, long token) => lab.Database.WriteAsync(async session =>
    {
        await session.ExecuteAsync("UPDATE euicc SET association_token = @token WHERE eid = @eid", new { token, eid = eid.ToBytes() });
    });

    /// <summary>Runs it while the test itself is the one writer of SQLite, or holds the eUICCs' rows on PostgreSQL.</summary>
    private static async Task<T> WhileLockedAsync<T>(EngineLab lab, Func<Task<T>> action)
    {
        T result = default!;
        await lab.Database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("UPDATE euicc SET modified = modified", null);
            result = await action().WaitAsync(Patience, TestContext.Current.CancellationToken);
        });
        return result;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(1, patience.Token);
        }
    }
}

public sealed class BoundedMessageTestsOnSqlite() : BoundedMessageTests(DbEngine.Sqlite);

public sealed class BoundedMessageTestsOnPostgres() : BoundedMessageTests(DbEngine.Postgres);

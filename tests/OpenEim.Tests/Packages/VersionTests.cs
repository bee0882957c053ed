using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>Which version of SGP.32 a device speaks: how it is recognised, what follows, and that nothing follows from a stranger's word.</summary>
public abstract class VersionTests(DbEngine engine)
{
    private static readonly byte[] Short = Convert.FromHexString("5A4F9F709091929599");
    private static readonly byte[] Long = Convert.FromHexString("5A4F9F7090919295999F269F67");

    [Fact]
    public async Task Device_that_names_its_EID_speaks_1_2_and_one_that_says_so_1_3()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewDeviceAsync();
        Assert.Equal(SpokenVersion.Unknown, await VersionAsync(lab, device));
        await device.RunAsync();
        Assert.Equal(SpokenVersion.V12, await VersionAsync(lab, device));

        await lab.ScheduleAsync(device, OperationAction.Audit);
        await device.By(EsipaCaller.Unknown with { SpeaksV13 = true }).RunAsync();
        Assert.Equal(SpokenVersion.V13, await VersionAsync(lab, device));

        await lab.ScheduleAsync(device, OperationAction.Audit);
        await device.RunAsync();
        Assert.Equal(SpokenVersion.V13, await VersionAsync(lab, device));
    }

    [Fact]
    public async Task Device_of_version_1_0_is_known_from_first_contact_and_is_not_asked_for_what_its_IPA_loses()
    {
        await using var lab = new EngineLab(engine);
        var device = (await lab.NewDeviceAsync()).By(EsipaCaller.Unknown);
        var first = BerMessage.Decode<IpaEuiccDataRequest>((await device.PollAsync())!);
        await device.ProvideAsync(AsV10(device, first), withEid: false);
        Assert.Equal(SpokenVersion.V10, await VersionAsync(lab, device));

        Assert.Equal(Short, TagsOf((await device.PollAsync())!));
    }

    [Fact]
    public async Task Stranger_who_proves_nothing_changes_no_version()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var stranger = device.By(EsipaCaller.Unknown with { LastPolled = device.Eid, SpeaksV13 = true });
        await lab.ScheduleAsync(device, OperationAction.Audit);
        await device.PollAsync();

        await stranger.ProvideAndLoseAnswerAsync(Forged(), withEid: false);
        await stranger.ProvideAndLoseAnswerAsync(new EimPackageResult(DataResponse: new IpaEuiccData()), withEid: false);

        Assert.Equal(SpokenVersion.V12, await VersionAsync(lab, device));
    }

    [Fact]
    public async Task List_that_did_not_verify_is_asked_for_again_without_what_an_old_IPA_loses()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewDeviceAsync();
        await ForgetAsync(lab, device); // registered with its certificates, so that first contact has shown nothing
        var polled = device.By(EsipaCaller.Unknown with { LastPolled = device.Eid });
        var first = (await polled.PollAsync())!;
        Assert.Equal(Long, TagsOf(first));
        await polled.ProvideAndLoseAnswerAsync(Encoded(device.Execute(first)), withEid: false);
        Assert.Null(await polled.PollAsync());
        lab.Clock.Advance(TimeSpan.FromMinutes(2));

        var second = (await polled.PollAsync())!;

        Assert.Equal(Short, TagsOf(second));
        await polled.ProvideAsync(device.Execute(second), withEid: false);
        Assert.Equal(SpokenVersion.V10, await VersionAsync(lab, device));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task Audit_is_asked_for_again_in_the_same_way_and_goes_on()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewDeviceAsync();
        await ForgetAsync(lab, device);
        await lab.Database.WriteAsync(session => session.ExecuteAsync("UPDATE euicc SET tasks = 0, pending_count = 0"), TestContext.Current.CancellationToken);
        var audit = await lab.ScheduleAsync(device, OperationAction.Audit);
        var polled = device.By(EsipaCaller.Unknown with { LastPolled = device.Eid });
        await polled.ProvideAndLoseAnswerAsync(Encoded(device.Execute((await polled.PollAsync())!)), withEid: false);
        lab.Clock.Advance(TimeSpan.FromMinutes(2));

        var second = (await polled.PollAsync())!;
        Assert.Equal(Short, TagsOf(second));
        await polled.ProvideAsync(device.Execute(second), withEid: false);
        await polled.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, audit)).Status);
    }

    [Fact]
    public async Task Bundle_of_version_1_0_brings_notifications_and_other_results()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var enable = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var package = (await device.PollAsync())!;
        var result = device.Execute(package);
        List<EuiccPackageResult> pending = [.. device.Functions.PendingResults().Select(other => BerMessage.Decode<EuiccPackageResult>(other.Encoded))];
        List<PendingNotification> notifications = [.. device.Functions.PendingNotifications().Select(other => BerMessage.Decode<PendingNotification>(other.Encoded))];
        var bundle = new EimPackageResult(result.PackageResult, notifications) { ResultsOfV10 = pending };

        var answer = await device.By(EsipaCaller.Unknown with { LastPolled = device.Eid }).ProvideAsync(bundle, withEid: false);

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, enable)).Status);
        Assert.Equal(SpokenVersion.V10, await VersionAsync(lab, device));
        Assert.True(answer.Acknowledgements!.SequenceNumbers.Count >= 1 + notifications.Count);
    }

    [Fact]
    public async Task Result_without_EID_and_transaction_is_found_by_the_connection_and_believed_only_by_its_signature()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var other = await lab.NewKnownDeviceAsync(2);
        var enable = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var request = BerMessage.Decode<EuiccPackageRequest>((await device.PollAsync())!);
        var answer = SignedWithoutTransaction(lab, request);

        Assert.Equal(
            ProvideEimPackageResultError.MissingEid, (await device.ProvideAndLoseAnswerAsync(answer, withEid: false)).Error);
        Assert.Equal(
            ProvideEimPackageResultError.UndefinedError,
            (await device.By(EsipaCaller.Unknown with { LastPolled = other.Eid }).ProvideAndLoseAnswerAsync(answer, withEid: false)).Error);
        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(device, enable)).Status);
        await device.By(EsipaCaller.Unknown with { LastPolled = device.Eid }).ProvideAndLoseAnswerAsync(answer, withEid: false);

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, enable)).Status);
    }

    [Fact]
    public async Task Device_of_version_1_0_is_asked_for_notifications_by_its_own_tag_and_for_its_certificates()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        await lab.Database.WriteAsync(session => session.ExecuteAsync(
            "UPDATE euicc SET sgp32_version = 10, tasks = 8, pending_count = pending_count + 1"), TestContext.Current.CancellationToken);

        var request = BerMessage.Decode<IpaEuiccDataRequest>((await device.PollAsync())!);

        Assert.Equal("A0BF2BA5A6", Convert.ToHexString(request.TagList.Span));
        var answer = AsV10(device, request);
        Assert.Null((await device.ProvideAsync(answer, withEid: false)).Error);
        Assert.Null(await device.PollAsync());
    }

    [Theory]
    [InlineData("BF2B02A000", 0, null)]
    [InlineData("BF2B02A200", null, 0)]
    [InlineData("BF2B04A000A200", 0, 0)]
    [InlineData("BF2B06A304A000A100", 0, 0)]
    [InlineData("BF2B00", 0, null)]
    [InlineData("BF2B0381017F", null, null)]
    public void Lists_are_read_in_every_form(string encoded, int? notifications, int? results)
    {
        var lists = BerMessage.Decode<RetrieveNotificationsListResponse>(Convert.FromHexString(encoded));

        Assert.Equal((notifications, results), (lists.Notifications?.Count, lists.PackageResults?.Count));
        Assert.Equal(notifications is null && results is null ? 127 : null, lists.Error);
    }

    [Fact]
    public void Data_of_version_1_0_is_read()
    {
        var data = Assert.IsType<IpaEuiccData>(BerMessage.Decode<IpaEuiccDataResponse>(Convert.FromHexString("BF5212A0108009736D64702E74657374BF2B02A000")));
        Assert.Equal(("smdp.test", 0), (data.DefaultSmdpAddress, data.Notifications!.Count));
        var error = Assert.IsType<IpaEuiccDataError>(BerMessage.Decode<IpaEuiccDataResponse>(Convert.FromHexString("BF5203810101")));
        Assert.Equal(IpaEuiccDataErrorCode.IncorrectTagList, error.Code);
    }

    private static byte[] TagsOf(byte[] package) =>
        Assert.IsType<ListProfileInfo>(BerMessage.Decode<EuiccPackageRequest>(package).ReadSigned().Package.Psmos![0]).Request.TagList!.Value.ToArray();

    /// <summary>What a v1.0 IPA answers to a data request: neither a transaction nor capabilities.</summary>
    private static EimPackageResult AsV10(HandDrivenIpa device, IpaEuiccDataRequest request) => new(DataResponse: device.Answer(request) with
    {
        TransactionId = null,
        IpaCapabilities = null,
        Notifications = [],
    });

    private static EimPackageResult Forged()
    {
        var data = EuiccPackageResultSigned.EncodeData("eim.test", 1, null, 40, [new CommandResult(EuiccCommand.Enable, 0)]);
        return new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(EuiccPackageResultSigned.Encode(data, new byte[64]))) { ResultsOfV10 = [] };
    }

    /// <summary>As if the IPA had encoded the result again: the signature no longer fits.</summary>
    private static EimPackageResult Encoded(EimPackageResult result)
    {
        var signed = Assert.IsType<EuiccPackageResultSigned>(result.PackageResult);
        return new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(EuiccPackageResultSigned.Encode(signed.SignedData.ToArray(), new byte[64])));
    }

    private static EimPackageResult SignedWithoutTransaction(EngineLab lab, EuiccPackageRequest request)
    {
        var package = request.ReadSigned();
        var data = EuiccPackageResultSigned.EncodeData(package.EimId, package.CounterValue, null, 40, [new CommandResult(EuiccCommand.Enable, 0)]);
        return new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(
            EuiccPackageResultSigned.Encode(data, lab.CardKeys[package.Eid].Sign(PackageSignature.InputV10(data, request.Signature.Span)))));
    }

    private static async Task<SpokenVersion> VersionAsync(EngineLab lab, HandDrivenIpa device) => (SpokenVersion)await lab.Database.ReadAsync(
        session => session.ExecuteScalarAsync<int>("SELECT sgp32_version FROM euicc WHERE eid = @Eid", new { Eid = device.Eid.ToBytes() }));

    private static async Task ForgetAsync(EngineLab lab, HandDrivenIpa device)
    {
        await device.ProvideAsync(device.Execute((await device.PollAsync())!));
        await lab.Database.WriteAsync(session => session.ExecuteAsync("UPDATE euicc SET sgp32_version = 0"), TestContext.Current.CancellationToken);
    }
}

public sealed class VersionTestsOnSqlite() : VersionTests(DbEngine.Sqlite);

public sealed class VersionTestsOnPostgres() : VersionTests(DbEngine.Postgres);

using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>What a device tells and nobody signs: it guides, it fills gaps, and it never ends an audit or replaces what is proved.</summary>
public abstract class ClaimTests(DbEngine engine)
{
    private static readonly TimeSpan AfterHold = TimeSpan.FromSeconds(61);

    [Fact]
    public async Task Audit_succeeds_by_its_signed_list_and_claims_are_asked_for_afterwards()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var audit = await lab.ScheduleAsync(device, OperationAction.Audit);

        await device.ProvideAsync(device.Execute((await device.PollAsync())!));

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, audit)).Status);
        Assert.Equal(lab.Clock.GetUtcNow(), (await lab.ReadAsync(device)).LastAudited);
        Assert.Equal(0x52, (await device.PollAsync())![1]);
    }

    [Fact]
    public async Task Claims_that_are_never_told_hold_nothing_up_for_longer_than_the_patience()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        await lab.ScheduleAsync(device, OperationAction.Audit);
        await device.ProvideAsync(device.Execute((await device.PollAsync())!));
        Assert.Equal(0x52, (await device.PollAsync())![1]);
        var enable = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        lab.Clock.Advance(TimeSpan.FromMinutes(16));

        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, enable)).Status);
        Assert.Null(await device.PollAsync());
    }

    [Fact]
    public async Task Refusal_of_the_data_request_does_not_undo_the_audit()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var audit = await lab.ScheduleAsync(device, OperationAction.Audit);
        await device.ProvideAsync(device.Execute((await device.PollAsync())!));
        var request = BerMessage.Decode<IpaEuiccDataRequest>((await device.PollAsync())!);

        await device.ProvideAsync(new EimPackageResult(
            DataResponse: new IpaEuiccDataError(IpaEuiccDataErrorCode.IncorrectTagList) { TransactionId = request.TransactionId }));

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, audit)).Status);
        Assert.Null(await device.PollAsync());
    }

    [Theory]
    [InlineData("while the list is awaited")]
    [InlineData("while data is awaited")]
    public async Task Strangers_data_without_the_transaction_id_ends_and_changes_nothing(string when)
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var audit = await lab.ScheduleAsync(device, OperationAction.Audit);
        var package = (await device.PollAsync())!;
        var stranger = device.Answer(new IpaEuiccDataRequest(IpaEuiccDataTag.List(
            IpaEuiccDataTag.EumCertificate, IpaEuiccDataTag.EuiccCertificate))) with
        { DefaultSmdpAddress = "evil.test", RootSmdsAddress = "evil.test" };
        if (when == "while data is awaited")
        {
            await device.ProvideAsync(device.Execute(package));
            Assert.Equal(0x52, (await device.PollAsync())![1]);
        }

        await device.ProvideAsync(new EimPackageResult(DataResponse: stranger));

        Assert.Equal("smdp.test smds.test", await lab.AddressesAsync(device));
        Assert.Equal(
            when == "while data is awaited" ? OperationStatus.Succeeded : OperationStatus.Scheduled, (await lab.ReadAsync(device, audit)).Status);
        await device.RunAsync();
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, audit)).Status);
        Assert.Equal("smdp.test smds.test", await lab.AddressesAsync(device));
    }

    [Fact]
    public async Task Data_without_certificates_fills_gaps_and_replaces_nothing()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        await lab.ScheduleAsync(device, OperationAction.Audit);
        await device.ProvideAsync(device.Execute((await device.PollAsync())!));
        var request = BerMessage.Decode<IpaEuiccDataRequest>((await device.PollAsync())!);

        await device.ProvideAsync(new EimPackageResult(DataResponse: new IpaEuiccData
        {
            TransactionId = request.TransactionId,
            DefaultSmdpAddress = "evil.test",
            IpaCapabilities = new IpaCapabilities(IpaFeatures.DirectRspServerCommunication),
        }));

        Assert.Equal("smdp.test smds.test", await lab.AddressesAsync(device));
        Assert.Equal("A80480020780", await CapabilitiesAsync(lab, device));
    }

    [Fact]
    public async Task Data_with_the_eUICCs_certificates_and_the_transaction_id_is_taken()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        await lab.ScheduleAsync(device, OperationAction.Audit);
        await device.ProvideAsync(device.Execute((await device.PollAsync())!));
        var request = BerMessage.Decode<IpaEuiccDataRequest>((await device.PollAsync())!);

        await device.ProvideAsync(new EimPackageResult(DataResponse: device.Answer(request) with { DefaultSmdpAddress = "new.test", RootSmdsAddress = null }));

        Assert.Equal("new.test -", await lab.AddressesAsync(device));
    }

    [Fact]
    public async Task Token_claimed_falsely_at_first_contact_gives_way_to_the_one_that_the_card_tells_in_its_refusal()
    {
        await using var lab = new EngineLab(engine);
        var device = await PoisonedAsync(lab);
        var package = BerMessage.Decode<EuiccPackageRequest>((await device.PollAsync())!).ReadSigned();

        await device.ProvideAsync(Refusal(package.TransactionId, device.Token));
        await device.RunAsync();

        Assert.Equal(device.Token, await TokenAsync(lab, device));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task Token_claimed_falsely_gives_way_to_that_of_a_later_answer()
    {
        await using var lab = new EngineLab(engine);
        var device = await PoisonedAsync(lab);

        // The card refuses twice, a minute apart; then the device is asked again.
        for (var round = 0; round < 2; round++)
        {
            var package = BerMessage.Decode<EuiccPackageRequest>((await device.PollAsync())!).ReadSigned();
            await device.ProvideAsync(Refusal(package.TransactionId, null));
            lab.Clock.Advance(AfterHold);
        }

        await device.RunAsync();

        Assert.Equal(device.Token, await TokenAsync(lab, device));
        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task Token_that_a_signature_has_proved_is_not_replaced_by_a_claim()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewDeviceAsync(withToken: true);
        await device.RunAsync();
        await lab.ScheduleAsync(device, OperationAction.Audit);
        await device.ProvideAsync(device.Execute((await device.PollAsync())!));
        var request = BerMessage.Decode<IpaEuiccDataRequest>((await device.PollAsync())!);

        await device.ProvideAsync(new EimPackageResult(DataResponse: device.Answer(request) with { AssociationToken = 99 }));
        var enable = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, enable)).Status);
        Assert.Equal(device.Token, await TokenAsync(lab, device));
    }

    [Fact]
    public async Task Token_that_the_operator_changes_signs_the_next_package()
    {
        await using var lab = new EngineLab(engine);
        var device = await PoisonedAsync(lab);
        var refused = (await device.PollAsync())!;

        Assert.Equal(EuiccChangeOutcome.Done, await lab.ChangeAsync(device, new EuiccChange { ChangesAssociationToken = true, AssociationToken = device.Token }));
        var next = (await device.PollAsync())!;
        Assert.NotEqual(refused, next);
        await device.ProvideAsync(device.Execute(next));
        await device.RunAsync();

        Assert.Equal("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task Result_that_verifies_with_the_token_before_proves_that_one()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewDeviceAsync(withToken: true);
        await device.RunAsync();
        var enable = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var result = device.Execute((await device.PollAsync())!);
        await lab.ChangeAsync(device, new EuiccChange { ChangesAssociationToken = true, AssociationToken = 99 });

        await device.ProvideAsync(result);

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, enable)).Status);
        Assert.Equal(device.Token, await TokenAsync(lab, device));
    }

    /// <summary>A card with a token, at whose first contact a stranger was faster: he has its certificates and tells another token.</summary>
    private static async Task<HandDrivenIpa> PoisonedAsync(EngineLab lab)
    {
        var device = await lab.NewDeviceAsync(withToken: true);
        var request = BerMessage.Decode<IpaEuiccDataRequest>((await device.PollAsync())!);
        await device.ProvideAsync(new EimPackageResult(DataResponse: device.Answer(request) with { AssociationToken = 99 }));
        Assert.Equal(99, await TokenAsync(lab, device));
        return device;
    }

    private static EimPackageResult Refusal(TransactionId? transaction, long? token) =>
        new(BerMessage.Decode<EuiccPackageResult>(EuiccPackageErrorUnsigned.Encode("eim.test", transaction, token)));

    private static async Task<long?> TokenAsync(EngineLab lab, HandDrivenIpa device) => await lab.Database.ReadAsync(
        session => session.ExecuteScalarAsync<long?>("SELECT association_token FROM euicc WHERE eid = @eid", new { eid = device.Eid.ToBytes() }));

    private static async Task<string?> CapabilitiesAsync(EngineLab lab, HandDrivenIpa device) => await lab.Database.ReadAsync(
        session => session.ExecuteScalarAsync<byte[]?>("SELECT ipa_capabilities FROM euicc_data WHERE eid = @eid", new { eid = device.Eid.ToBytes() })) is { } bytes
        ? Convert.ToHexString(bytes)
        : null;
}

public sealed class ClaimTestsOnSqlite() : ClaimTests(DbEngine.Sqlite);

public sealed class ClaimTestsOnPostgres() : ClaimTests(DbEngine.Postgres);

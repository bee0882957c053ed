using OpenEim.Manager.Operations;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;
using static OpenEim.Tests.Packages.HexTlv;

namespace OpenEim.Tests.Packages;

/// <summary>A signed profile list with values that cannot be read: what can be read counts, and nothing is taken for gone.</summary>
public abstract class OddListTests(DbEngine engine)
{
    [Fact]
    public async Task A_list_with_unreadable_profiles_is_taken_in_and_says_of_no_profile_that_it_is_gone()
    {
        await using var lab = new EngineLab(engine);
        var eid = Eid.Parse("89049032000000000000000000000077");
        using var identity = lab.Pki.IssueEuicc(eid);
        var device = await lab.NewDeviceAsync(77, identity: identity);
        await device.RunAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Audit);
        var package = BerMessage.Decode<EuiccPackageRequest>((await device.PollAsync())!).ReadSigned();

        // The enabled profile without a readable state and with a name in Latin-1; one whose ICCID has nine bytes; one with hexadecimal digits.
        var first = Convert.ToHexString(EngineLab.First.ToBytes());
        var list = Convert.FromHexString(T("BF2D", T("A0",
            T("E3", T("5A", first), T("9F70"), T("92", "E9")),
            T("E3", T("5A", "988800000000000000"), T("92", "41")),
            T("E3", T("5A", "988604B7191207120034"), T("9F70", "00"), T("92", "410042"), T("95")))));
        var data = EuiccPackageResultSigned.EncodeData(package.EimId, package.CounterValue, package.TransactionId, 500, [new UnknownResult(list)]);
        var result = EuiccPackageResultSigned.Encode(data, identity.Key.Sign(PackageSignature.Input(data, device.Token)));
        var answer = await device.ProvideAndLoseAnswerAsync(new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(result)));

        Assert.Equal([500L], answer.Acknowledgements!.SequenceNumbers);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
        Assert.StartsWith("1 Enabled, 2 Installed, 3 Installed", await lab.ProfilesAsync(device), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9F2600", "1 Enabled, 2 Installed fallback")]
    [InlineData("9F26020000", "1 Enabled, 2 Installed fallback")]
    [InlineData("9F260100", "1 Enabled, 2 Installed")]
    [InlineData("", "1 Enabled, 2 Installed")]
    public async Task A_fallback_attribute_that_cannot_be_read_stays_as_it_is_known_and_one_that_is_absent_is_false(string attribute, string expected)
    {
        await using var lab = new EngineLab(engine);
        var eid = Eid.Parse("89049032000000000000000000000077");
        using var identity = lab.Pki.IssueEuicc(eid);
        var device = await lab.NewDeviceAsync(77, identity: identity);
        await device.RunAsync();
        await SetFallbackAsync(lab, device);
        await lab.ScheduleAsync(device, OperationAction.Audit);
        var package = BerMessage.Decode<EuiccPackageRequest>((await device.PollAsync())!).ReadSigned();

        var list = Convert.FromHexString(T("BF2D", T("A0",
            T("E3", T("5A", Convert.ToHexString(EngineLab.First.ToBytes())), T("9F70", "01")),
            T("E3", T("5A", Convert.ToHexString(EngineLab.Second.ToBytes())), T("9F70", "00"), attribute))));
        var data = EuiccPackageResultSigned.EncodeData(package.EimId, package.CounterValue, package.TransactionId, 500, [new UnknownResult(list)]);
        var result = EuiccPackageResultSigned.Encode(data, identity.Key.Sign(PackageSignature.Input(data, device.Token)));
        await device.ProvideAndLoseAnswerAsync(new EimPackageResult(BerMessage.Decode<EuiccPackageResult>(result)));

        Assert.Equal(expected + ", 3 Deleted", await lab.ProfilesAsync(device));
    }

    [Fact]
    public async Task A_fallback_attribute_that_a_device_of_v1_0_was_not_asked_for_stays_as_it_is_known()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        await SetFallbackAsync(lab, device);
        await lab.Database.WriteAsync(
            session => session.ExecuteAsync("UPDATE euicc SET sgp32_version = 10 WHERE eid = @Eid", new { Eid = device.Eid.ToBytes() }),
            TestContext.Current.CancellationToken);

        var operation = await lab.ScheduleAsync(device, OperationAction.Audit);
        await device.RunAsync();

        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
        Assert.Equal("1 Enabled, 2 Installed fallback, 3 Installed", await lab.ProfilesAsync(device));
    }

    private static async Task SetFallbackAsync(EngineLab lab, HandDrivenIpa device)
    {
        await lab.ScheduleAsync(device, OperationAction.SetFallback, EngineLab.Second);
        await device.RunAsync();
        Assert.Equal("1 Enabled, 2 Installed fallback, 3 Installed", await lab.ProfilesAsync(device));
    }
}

public sealed class OddListTestsOnSqlite() : OddListTests(DbEngine.Sqlite);

public sealed class OddListTestsOnPostgres() : OddListTests(DbEngine.Postgres);

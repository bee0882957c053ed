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
}

public sealed class OddListTestsOnSqlite() : OddListTests(DbEngine.Sqlite);

public sealed class OddListTestsOnPostgres() : OddListTests(DbEngine.Postgres);

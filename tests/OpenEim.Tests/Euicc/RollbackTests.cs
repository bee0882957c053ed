using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>SGP.32 3.3.3, 5.9.16: going back to the profile before.</summary>
public sealed class RollbackTests
{
    private const string Request = "BF58038001FF";
    private const string NotAllowed = "BF5803020101";

    [Fact]
    public void A_rollback_makes_a_new_result_that_replaces_the_old_one()
    {
        var bench = Make();
        Assert.Equal(NotAllowed, bench.Terminal.Es10(Request));
        Assert.Equal("850100830100", bench.Run(new DeleteProfile(C), new EnableProfile(B, true)));
        bench.Terminal.Open();

        var response = BerMessage.Decode<ProfileRollbackResponse>(bench.Terminal.Es10(Convert.FromHexString(Request)));

        Assert.Equal(ProfileRollbackResult.Ok, response.Result);
        var result = Assert.IsType<EuiccPackageResultSigned>(bench.Verified(response.PackageResult!));
        Assert.Equal("8501008301008C0100", ResultsOf(result));
        Assert.Equal((1L, Transaction, 2L), (result.CounterValue, result.TransactionId!.Value, result.SequenceNumber));
        var kept = Assert.Single(bench.Retrieve(new(PackageResults: true)).PackageResults!);
        Assert.Equal(result.Encoded.ToArray(), kept.Encoded.ToArray());
        Assert.Equal((A, null), (bench.State.EnabledProfile, bench.State.RollbackIccid));
        Assert.True(bench.Card.ProactiveRefreshPending);
        Assert.Equal(NotAllowed, bench.Terminal.Es10(Request));
    }

    [Fact]
    public void Without_the_flag_there_is_no_rollback()
    {
        var bench = Make();
        bench.Run(new EnableProfile(B, false));
        Assert.Equal(NotAllowed, bench.Terminal.Es10(Request));
        Assert.Equal(B, bench.State.EnabledProfile);
    }

    [Fact]
    public void The_next_accepted_package_ends_the_authorisation_and_a_refused_one_does_not()
    {
        var bench = Make();
        bench.Run(new EnableProfile(B, true));
        bench.Counter--;
        Assert.IsType<EuiccPackageErrorSigned>(bench.Load(bench.Package(new GetRat())));
        Assert.Equal(A, bench.State.RollbackIccid);
        bench.Run(new GetRat());
        Assert.Null(bench.State.RollbackIccid);
        Assert.Equal(NotAllowed, bench.Terminal.Es10(Request));
    }

    [Fact]
    public void Rollback_forgets_a_profile_remembered_by_the_fallback()
    {
        var bench = Make();
        bench.Run(new SetFallbackAttribute(C));
        bench.Run(new EnableProfile(B, true));
        bench.Terminal.Es10("BF5D038001FF");
        Assert.Equal((C, B), (bench.State.EnabledProfile, bench.State.ReturnIccid));
        bench.Terminal.Es10(Request);
        Assert.Equal((A, null), (bench.State.EnabledProfile, bench.State.ReturnIccid));
    }

    [Fact]
    public void The_authorisation_survives_the_loss_of_power()
    {
        var bench = Make();
        bench.Run(new EnableProfile(B, true));
        bench.LoadAgain();
        Assert.StartsWith("BF58", bench.Terminal.Es10(Request), StringComparison.Ordinal);
        Assert.Equal(A, bench.State.EnabledProfile);
    }
}

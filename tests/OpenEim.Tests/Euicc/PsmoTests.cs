using OpenEim.Device.Euicc;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>SGP.32 2.11.2.1: every result code of every PSMO that the card can give.</summary>
public sealed class PsmoTests
{
    private static readonly ListProfileInfo List = new(new ProfileInfoListRequest(TagList: new byte[] { 0x5A }));

    private static ManufacturedProfile Profile(Iccid iccid, ProfileState state = ProfileState.Disabled, ProfilePolicyRules rules = 0) =>
        new(iccid) { State = state, PolicyRules = rules };

    [Fact]
    public void Enable_and_disable()
    {
        var bench = Make();
        Assert.Equal("830101", bench.Run(new EnableProfile(Unknown, false)));
        Assert.Equal("830102", bench.Run(new EnableProfile(A, false)));
        Assert.Equal("830100", bench.Run(new EnableProfile(B, false)));
        Assert.Equal("840101", bench.Run(new DisableProfile(Unknown)));
        Assert.Equal("840102", bench.Run(new DisableProfile(A)));
        Assert.Equal("840100", bench.Run(new DisableProfile(B)));
        Assert.Null(bench.State.EnabledProfile);
        Assert.Equal("830114", bench.Run(new EnableProfile(B, true)));
        Assert.Null(bench.State.EnabledProfile);
        Assert.Equal("830100", bench.Run(new EnableProfile(B, false)));
        Assert.Equal("840100830114", bench.Run(new DisableProfile(B), new EnableProfile(B, true)));
        Assert.Equal("830100", bench.Run(new EnableProfile(B, false)));
        Assert.Equal("840100850100830114", bench.Run(new DisableProfile(B), new DeleteProfile(B), new EnableProfile(C, true)));
    }

    [Fact]
    public void One_enable_and_one_disable_in_a_package_and_no_disable_after_an_enable()
    {
        var bench = Make();
        Assert.Equal("83010083017F", bench.Run(new EnableProfile(B, false), new EnableProfile(C, false)));
        Assert.Equal("83010084017F", bench.Run(new EnableProfile(C, false), new DisableProfile(C)));
        Assert.Equal("84010084017F", bench.Run(new DisableProfile(C), new DisableProfile(C)));
        Assert.Equal("830100", bench.Run(new EnableProfile(C, false)));
        Assert.Equal("840100830100", bench.Run(new DisableProfile(C), new EnableProfile(A, true)));
        Assert.Equal((A, C), (bench.State.EnabledProfile, bench.State.RollbackIccid));
    }

    [Fact]
    public void Policy_rules_forbid_disabling_and_deletion()
    {
        var bench = Make(profiles:
        [
            Profile(A, ProfileState.Enabled, ProfilePolicyRules.DisablingNotAllowed),
            Profile(B, rules: ProfilePolicyRules.DeletionNotAllowed),
        ]);
        Assert.Equal("830103", bench.Run(new EnableProfile(B, false)));
        Assert.Equal("840103", bench.Run(new DisableProfile(A)));
        Assert.Equal("850103", bench.Run(new DeleteProfile(B)));
        Assert.Equal(A, bench.State.EnabledProfile);
    }

    [Fact]
    public void Delete()
    {
        var bench = Make();
        Assert.Equal("850101", bench.Run(new DeleteProfile(Unknown)));
        Assert.Equal("850102", bench.Run(new DeleteProfile(A)));
        Assert.Equal("830100850114", bench.Run(new EnableProfile(B, true), new DeleteProfile(A)));
        Assert.Equal("850100", bench.Run(new DeleteProfile(A)));
        Assert.Equal("850101", bench.Run(new DeleteProfile(A)));
    }

    [Fact]
    public void The_profile_to_return_to_from_the_fallback_cannot_be_deleted()
    {
        var bench = Make();
        Assert.Equal("8D0100", bench.Run(new SetFallbackAttribute(C)));
        Assert.Equal("BF5D03800100", bench.Terminal.Es10("BF5D038001FF"));
        Assert.Equal("850115", bench.Run(new DeleteProfile(A)));
        Assert.Equal("830100", bench.Run(new EnableProfile(B, false)));
        Assert.Null(bench.State.ReturnIccid);
        Assert.Equal("850100", bench.Run(new DeleteProfile(A)));
    }

    [Theory]
    [InlineData("enable")]
    [InlineData("disable")]
    [InlineData("delete")]
    public void The_list_cannot_be_told_after_a_change_in_the_same_package(string change)
    {
        var bench = Make();
        Psmo first = change switch
        {
            "enable" => new EnableProfile(B, false),
            "disable" => new DisableProfile(A),
            _ => new DeleteProfile(C),
        };
        Assert.EndsWith("BF2D0381010B", bench.Run(first, List, new GetRat()), StringComparison.Ordinal);
    }

    [Fact]
    public void ListProfileInfo()
    {
        var bench = Make();
        Assert.Equal(
            "BF2D2CA02AE30C5A0A984400000000000000F1E30C5A0A984400000000000000F2E30C5A0A984400000000000000F3",
            bench.Run(List));
    }

    [Fact]
    public void A_tag_list_that_ends_in_the_middle_of_a_tag_is_incorrect()
    {
        var bench = Make();
        Assert.Equal("BF2D03810101", bench.Run(new ListProfileInfo(new ProfileInfoListRequest(TagList: new byte[] { 0x9F })), new GetRat()));
        Assert.Equal("BF2D03810101", bench.Terminal.Es10("BF2D035C019F"));
    }

    [Fact]
    public void GetRat_configureImmediateEnable_and_setDefaultDpAddress()
    {
        var bench = Make();
        Assert.Equal("A600870100BF6503800100", bench.Run(
            new GetRat(), new ConfigureImmediateEnable(true, null, "dp.example.com"), new SetDefaultDpAddress("dp2.example.com")));
        Assert.Equal("dp2.example.com", bench.State.DefaultSmdpAddress);
        Assert.Equal("BF6503800100", bench.Terminal.Es10("BF650480026470"));
        Assert.Equal("dp", bench.State.DefaultSmdpAddress);
    }

    [Fact]
    public void Fallback_attribute()
    {
        var bench = Make(profiles:
        [
            Profile(A, ProfileState.Enabled) with { FallbackAllowed = true },
            Profile(B),
            Profile(C) with { FallbackAllowed = true },
        ]);
        Assert.Equal("8E0102", bench.Run(new UnsetFallbackAttribute()));
        Assert.Equal("8D0101", bench.Run(new SetFallbackAttribute(Unknown)));
        Assert.Equal("8D0102", bench.Run(new SetFallbackAttribute(B)));
        Assert.Equal("8D0103", bench.Run(new SetFallbackAttribute(A)));
        Assert.Equal("8D01008D0100", bench.Run(new SetFallbackAttribute(C), new SetFallbackAttribute(C)));
        Assert.Equal(C, bench.State.FallbackProfile);
        Assert.Equal("830100", bench.Run(new EnableProfile(C, false)));
        Assert.Equal("8E0103", bench.Run(new UnsetFallbackAttribute()));
        Assert.Equal("8D0103", bench.Run(new SetFallbackAttribute(A)));
        Assert.Equal("830100", bench.Run(new EnableProfile(B, false)));
        Assert.Equal("8D0100", bench.Run(new SetFallbackAttribute(A)));
        Assert.Equal(A, bench.State.FallbackProfile);
        Assert.Equal("8E0100", bench.Run(new UnsetFallbackAttribute()));
        Assert.Null(bench.State.FallbackProfile);
    }

    [Fact]
    public void A_card_without_the_fallback_mechanism_says_so()
    {
        var bench = Make(change: spec => spec with { SupportsFallback = false });
        Assert.Equal("8D017F", bench.Run(new SetFallbackAttribute(C)));
        Assert.Equal("8E0107", bench.Run(new UnsetFallbackAttribute()));
        Assert.Equal("BF5D03800106", bench.Terminal.Es10("BF5D038001FF"));
    }

    [Fact]
    public void Execute_fallback_and_return()
    {
        var bench = Make();
        Assert.Equal("BF5E03800106", bench.Terminal.Es10("BF5E038001FF"));
        Assert.Equal("BF5D03800106", bench.Terminal.Es10("BF5D038001FF"));
        bench.Run(new SetFallbackAttribute(C));
        Assert.Equal("BF5D03800100", bench.Terminal.Es10("BF5D030101FF"));
        Assert.Equal((C, A), (bench.State.EnabledProfile, bench.State.ReturnIccid));
        Assert.True(bench.Card.ProactiveRefreshPending);
        Assert.Equal("BF5D03800102", bench.Terminal.Es10("BF5D038001FF"));
        Assert.Equal("840100", bench.Run(new DisableProfile(C)));
        Assert.Equal("BF5D03800107", bench.Terminal.Es10("BF5D038001FF"));
        Assert.Equal("BF5E03800107", bench.Terminal.Es10("BF5E038001FF"));
        bench.Run(new EnableProfile(B, false));
        Assert.Equal("BF5D03800100", bench.Terminal.Es10("BF5D038001FF"));
        Assert.Equal("BF5E03800100", bench.Terminal.Es10("BF5E038001FF"));
        Assert.Equal((B, null), (bench.State.EnabledProfile, bench.State.ReturnIccid));
    }
}

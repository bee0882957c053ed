using OpenEim.Device.Euicc;
using OpenEim.Device.Transports;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>SGP.32 5.9: the functions with which a device resets the card, configures it and calls for help.</summary>
public sealed class IotFunctionsTests
{
    private static readonly NotificationConfiguration Configuration =
        new(NotificationEvents.Enable | NotificationEvents.Disable | NotificationEvents.Delete, NotificationAddress);

    private static readonly ManufacturedProfile[] Profiles =
    [
        new(A) { State = ProfileState.Enabled, NotificationConfigurations = [Configuration], HttpParameters = new byte[] { 0x01, 0x02 } },
        new(B) { Class = ProfileClass.Provisioning, EcallIndication = true },
        new(C) { Class = ProfileClass.Test },
    ];

    private static CardBench MakeOne(IEuiccMemory? memory = null) => Make(memory: memory, profiles: Profiles);

    [Fact]
    public void Emergency_profile_takes_the_place_of_the_enabled_one_and_gives_it_back()
    {
        var bench = MakeOne();
        Assert.Equal("BF5C03800102", bench.Terminal.Es10("BF5C03800100"));
        Assert.Equal("BF5B03800100", bench.Terminal.Es10("BF5B038001FF"));
        Assert.Equal(B, bench.State.EnabledProfile);
        Assert.True(bench.Card.ProactiveRefreshPending);
        Assert.Equal(1, bench.State.PendingNotifications);
        Assert.Equal("BF5B03800102", bench.Terminal.Es10("BF5B038001FF"));

        // Until it ends nobody else changes the profiles.
        var refused = Assert.IsType<EuiccPackageErrorSigned>(bench.Load(bench.Package(new EnableProfile(C, false))));
        Assert.Equal(EuiccPackageErrorCode.EcallActive, refused.Code);
        Assert.Equal("BF5D03800168", bench.Terminal.Es10("BF5D038001FF"));
        Assert.Equal("BF58030201" + "07", bench.Terminal.Es10("BF58038001FF"));
        Assert.Equal("BF6403800168", bench.Terminal.Es10("BF640482020780"));
        Assert.Equal(0, bench.State.Eims[0].Counter);

        bench.LoadAgain();
        Assert.Equal("BF5C03800100", bench.Terminal.Es10("BF5C038001FF"));
        Assert.Equal(A, bench.State.EnabledProfile);
        Assert.Equal(2, bench.State.PendingNotifications);
        Assert.Equal("8301" + "00", bench.Run(new EnableProfile(C, false)));
    }

    [Fact]
    public void Card_without_an_emergency_profile_says_so()
    {
        var terminal = Make().Terminal;
        Assert.Equal("BF5B03800108", terminal.Es10("BF5B038001FF"));
        Assert.Equal("BF5C03800108", terminal.Es10("BF5C038001FF"));
    }

    [Theory]
    [InlineData("BF5B038001FF")]
    [InlineData("BF640482020780")]
    public void Power_that_fails_leaves_the_old_state_or_the_new_one(string request)
    {
        foreach (var point in Enum.GetValues<PowerFailurePoint>())
        {
            var bench = MakeOne(new VolatileEuiccMemory());
            bench.Card.PowerFailure = at => at == point;

            Assert.Throws<CardRemovedException>(() => bench.Terminal.Es10(request));

            bench.LoadAgain();
            var isOld = point == PowerFailurePoint.BeforeWrite;
            Assert.Equal((isOld, isOld ? 0 : 1), (bench.State.EnabledProfile == A, bench.State.PendingNotifications));
        }
    }

    [Theory]
    [InlineData("0780", "BF6403800100", "B C", true)] // operational profiles
    [InlineData("0640", "BF6403800101", "A B C", false)] // test profiles loaded in the field: there is none
    [InlineData("0520", "BF6403800100", "A B C", false)] // default SM-DP+ address
    [InlineData("0410", "BF6403800100", "A B", false)] // test profiles of the factory
    [InlineData("0308", "BF6403800100", "A C", false)] // provisioning profiles
    [InlineData("0204", "BF6406800100810100", "A B C", false)] // eIMs
    [InlineData("0102", "BF6406800100820100", "A B C", false)] // immediate enabling
    [InlineData("01FE", "BF6409800100810100820100", "", true)]
    public void Memory_reset_removes_what_is_asked_for_and_nothing_else(string options, string answer, string left, bool refresh)
    {
        var bench = MakeOne();
        Assert.Equal("870100", bench.Run(new ConfigureImmediateEnable(true)));
        Assert.Equal("BF3003800100", bench.Terminal.Es10("BF3003800101"));

        Assert.Equal(answer, bench.Terminal.Es10("BF64048202" + options));

        var state = bench.State;
        var bits = Convert.ToByte(options[2..], 16);
        Assert.Equal(left, string.Join(' ', state.Profiles.Select(profile => profile.Iccid == A ? "A" : profile.Iccid == B ? "B" : "C")));
        Assert.Equal((bits & 0x20) == 0 ? "default.example.com" : null, state.DefaultSmdpAddress);
        Assert.Equal((bits & 0x04) == 0 ? 1 : 0, state.Eims.Count);
        Assert.Equal((refresh ? 1 : 0, refresh), (state.PendingNotifications, bench.Card.ProactiveRefreshPending));

        // What is gone already is nothing to delete.
        Assert.StartsWith((bits & 0xF8) == 0 ? "BF6406800100" : "BF64", bench.Terminal.Es10("BF64048202" + options), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_memory_reset_finds_nothing()
    {
        var bench = MakeOne();
        bench.Terminal.Es10("BF640482020780");
        Assert.Equal("BF6403800101", bench.Terminal.Es10("BF640482020780"));
        Assert.Equal("BF6406800101810100", bench.Terminal.Es10("BF640482020284"));
        Assert.Equal("BF6406800100810101", bench.Terminal.Es10("BF640482020204"));
        Assert.StartsWith("BF57", bench.Terminal.Es10(Convert.ToHexString(new AddInitialEimRequest([bench.Association("new")]).Encode())), StringComparison.Ordinal);
    }

    [Fact]
    public void Immediate_enabling_is_configured_by_the_device_only_while_there_is_no_eIM()
    {
        Assert.Equal("BF5903800102", MakeOne().Terminal.Es10("BF59028000"));
        var bench = Make(withEim: false);
        Assert.Equal("BF5903800100", bench.Terminal.Es10("BF5909" + "8000" + "810288378201" + "78"));
        Assert.Equal("BF5903800100", bench.Terminal.Es10("BF5900"));
        Assert.Equal("BF5A03800104", bench.Terminal.Es10("BF5A038001FF"));
    }

    [Fact]
    public void Connectivity_parameters_are_those_of_the_enabled_profile()
    {
        var bench = MakeOne();
        Assert.Equal("BF5F06A00481020102", bench.Terminal.Es10("BF5F00"));
        bench.Run(new EnableProfile(C, false));
        Assert.Equal("BF5F03810101", bench.Terminal.Es10("BF5F00"));
    }

    [Fact]
    public void Card_has_no_IPA_of_its_own() => Assert.Equal("BF4203800101", Make().Terminal.Es10("BF420480020780"));
}

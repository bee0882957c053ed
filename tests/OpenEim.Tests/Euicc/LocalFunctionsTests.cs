using OpenEim.Device.Euicc;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>ES10c and what else an ordinary LPA uses (SGP.22 5.7.4, 5.7.9, 5.7.16 to 5.7.21): on a consumer eUICC, and on an IoT one without an eIM.</summary>
public sealed class LocalFunctionsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Profiles_are_enabled_disabled_and_deleted_by_iccid_or_aid(bool isIot)
    {
        var bench = Bench(isIot);
        Assert.Equal("BF3103800100", Es10(bench, new EnableProfileRequest(new ProfileIdentifier(B), Refresh: true)));
        Assert.True(bench.Card.ProactiveRefreshPending);
        Assert.Equal(B, bench.State.EnabledProfile);
        Assert.Equal("BF3103800100", Es10(bench, new EnableProfileRequest(ByAid("02"), Refresh: false)));
        Assert.Equal(C, bench.State.EnabledProfile);
        Assert.Equal("BF3203800100", Es10(bench, new DisableProfileRequest(ByAid("02"), Refresh: false)));
        Assert.Null(bench.State.EnabledProfile);
        Assert.Equal("BF3303800100", Es10(bench, new DeleteProfileRequest(ByAid("00"))));
        Assert.Equal("BF3303800100", Es10(bench, new DeleteProfileRequest(new ProfileIdentifier(B))));
        Assert.Equal([C], bench.State.Profiles.Select(profile => profile.Iccid));
    }

    [Fact]
    public void What_cannot_be_done_has_its_result_code()
    {
        var bench = Bench(isIot: false);
        Assert.Equal("BF3103800101", Es10(bench, new EnableProfileRequest(new ProfileIdentifier(Unknown), Refresh: false)));
        Assert.Equal("BF3103800101", Es10(bench, new EnableProfileRequest(ByAid("09"), Refresh: false)));
        Assert.Equal("BF3103800102", Es10(bench, new EnableProfileRequest(new ProfileIdentifier(A), Refresh: false)));
        Assert.Equal("BF3203800101", Es10(bench, new DisableProfileRequest(new ProfileIdentifier(Unknown), Refresh: false)));
        Assert.Equal("BF3203800102", Es10(bench, new DisableProfileRequest(new ProfileIdentifier(B), Refresh: false)));
        Assert.Equal("BF3303800101", Es10(bench, new DeleteProfileRequest(new ProfileIdentifier(Unknown))));
        Assert.Equal("BF3303800102", Es10(bench, new DeleteProfileRequest(new ProfileIdentifier(A))));
    }

    [Fact]
    public void Policy_rules_are_kept()
    {
        var bench = Make(withEim: false, profiles:
        [
            new ManufacturedProfile(A) { State = ProfileState.Enabled, PolicyRules = ProfilePolicyRules.DisablingNotAllowed },
            new ManufacturedProfile(B) { PolicyRules = ProfilePolicyRules.DeletionNotAllowed },
        ]);
        Assert.Equal("BF3103800103", Es10(bench, new EnableProfileRequest(new ProfileIdentifier(B), Refresh: false)));
        Assert.Equal("BF3203800103", Es10(bench, new DisableProfileRequest(new ProfileIdentifier(A), Refresh: false)));
        Assert.Equal("BF3303800103", Es10(bench, new DeleteProfileRequest(new ProfileIdentifier(B))));
    }

    [Fact]
    public void While_an_eim_is_associated_a_local_assistant_changes_no_profile()
    {
        var bench = Make();
        var before = bench.State;
        Assert.Equal("BF310380017F", Es10(bench, new EnableProfileRequest(new ProfileIdentifier(B), Refresh: false)));
        Assert.Equal("BF320380017F", Es10(bench, new DisableProfileRequest(new ProfileIdentifier(A), Refresh: false)));
        Assert.Equal("BF330380017F", Es10(bench, new DeleteProfileRequest(new ProfileIdentifier(B))));
        Assert.Equal("BF340380017F", bench.Terminal.Es10("BF3404820205E0"));
        Assert.Equal("BF3F0380017F", bench.Terminal.Es10("BF3F0380" + "0161"));
        Assert.Equal(before.Profiles, bench.State.Profiles);
        Assert.Equal("default.example.com", bench.State.DefaultSmdpAddress);
    }

    [Fact]
    public void Each_change_is_notified_to_whom_the_profile_names()
    {
        var bench = Bench(isIot: false);
        using var smdp = new TestSmdp(bench.Pki);
        new CardDownload(bench, smdp).Run();
        Es10(bench, new EnableProfileRequest(new ProfileIdentifier(TestSmdp.Iccid), Refresh: false));
        Es10(bench, new DisableProfileRequest(new ProfileIdentifier(TestSmdp.Iccid), Refresh: false));
        Es10(bench, new DeleteProfileRequest(new ProfileIdentifier(TestSmdp.Iccid)));

        var list = BerMessage.Decode<ListNotificationResponse>(bench.Terminal.Es10(new ListNotificationRequest().Encode()));
        Assert.Equal(
            [
                new NotificationMetadata(1, NotificationEvents.Install, TestSmdp.Address, TestSmdp.Iccid),
                new NotificationMetadata(2, NotificationEvents.Enable, TestSmdp.Address, TestSmdp.Iccid),
                new NotificationMetadata(3, NotificationEvents.Disable, TestSmdp.Address, TestSmdp.Iccid),
                new NotificationMetadata(4, NotificationEvents.Delete, TestSmdp.Address, TestSmdp.Iccid),
            ],
            list.Notifications!);
        foreach (var notification in bench.Retrieve(new RetrieveNotificationsListRequest()).Notifications!)
        {
            smdp.HandleNotification(notification);
        }
    }

    [Fact]
    public void A_nickname_is_kept_and_removed_beside_an_eim_too()
    {
        var bench = Make();
        Assert.Equal("BF2903800100", Es10(bench, new SetNicknameRequest(A, "Zähler 7")));
        Assert.Equal("Zähler 7", Nickname(bench));
        Assert.Equal("BF2903800100", Es10(bench, new SetNicknameRequest(A, "")));
        Assert.Null(Nickname(bench));
        Assert.Equal("BF2903800101", Es10(bench, new SetNicknameRequest(Unknown, "x")));
        Assert.Equal("BF290380017F", Es10(bench, new SetNicknameRequest(A, new string('x', 65))));
    }

    [Fact]
    public void A_memory_reset_deletes_what_is_asked_for_even_what_is_enabled()
    {
        var bench = Bench(isIot: false);
        using var smdp = new TestSmdp(bench.Pki);
        smdp.Metadata = smdp.Metadata with { Class = ProfileClass.Test };
        smdp.Package = TestSmdp.MakePackage(TestSmdp.Iccid, key: new byte[16]);
        Assert.True(new CardDownload(bench, smdp).Run().IsSuccess);

        Assert.Equal("BF3403800100", Reset(bench, ResetOptions.DeleteFieldLoadedTestProfiles));
        Assert.Equal([A, B, C], bench.State.Profiles.Select(profile => profile.Iccid));
        Assert.Equal("BF3403800101", Reset(bench, ResetOptions.DeleteFieldLoadedTestProfiles));
        Assert.Equal("BF3403800100", Reset(bench, ResetOptions.ResetDefaultSmdpAddress));
        Assert.Null(bench.State.DefaultSmdpAddress);
        Assert.Equal("BF3403800100", Reset(bench, ResetOptions.DeleteOperationalProfiles | ResetOptions.ResetDefaultSmdpAddress));
        Assert.Empty(bench.State.Profiles);
        Assert.True(bench.Card.ProactiveRefreshPending);
    }

    [Fact]
    public void The_default_smdp_address_is_set_and_removed()
    {
        var bench = Bench(isIot: false);
        Assert.Equal("BF3F03800100", Es10(bench, new SetDefaultDpAddressRequest("new.example.com")));
        Assert.Equal("new.example.com", bench.State.DefaultSmdpAddress);
        Assert.Equal("BF3F03800100", Es10(bench, new SetDefaultDpAddressRequest("")));
        Assert.Null(bench.State.DefaultSmdpAddress);
    }

    private static CardBench Bench(bool isIot) => Make(withEim: false, change: spec => spec with { IsIot = isIot });

    private static string Es10(CardBench bench, IBerMessage request) => Convert.ToHexString(bench.Terminal.Es10(request.Encode()));

    private static string Reset(CardBench bench, ResetOptions options) => Es10(bench, new EuiccMemoryResetRequestEs10c(options));

    private static ProfileIdentifier ByAid(string number) =>
        new((ReadOnlyMemory<byte>)Convert.FromHexString($"A0000005591010FFFFFFFF890010{number}00"));

    private static string? Nickname(CardBench bench) => BerMessage.Decode<ProfileInfoListResponse>(
        bench.Terminal.Es10(new ProfileInfoListRequest(SearchIccid: A).Encode())).Profiles![0].Nickname;
}

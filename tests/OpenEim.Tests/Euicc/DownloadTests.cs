using OpenEim.Device.Euicc;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Tests.Storage;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>A profile download on the card (SGP.22 2.5, 3.1.3, 5.5, 5.7.5, 5.7.6, 5.7.13), from the challenge to the installed files.</summary>
public sealed class DownloadTests
{
    [Theory]
    [InlineData(EcCurve.P256, false)]
    [InlineData(EcCurve.P256, true)]
    [InlineData(EcCurve.BrainpoolP256r1, false)]
    [InlineData(EcCurve.BrainpoolP256r1, true)]
    public void A_profile_is_installed_disabled_and_byte_for_byte_as_it_was_personalised(EcCurve curve, bool replacesKeys)
    {
        var bench = Make(curve);
        using var smdp = new TestSmdp(bench.Pki) { ReplacesKeys = replacesKeys };
        var download = new CardDownload(bench, smdp);

        var result = download.Run();

        var success = Assert.IsType<InstallationFinalResult.Success>(result.FinalResult);
        Assert.Equal("A0000005591010FFFFFFFF890010" + "0300", Convert.ToHexString(success.Aid!.Value.Span));
        Assert.Equal("3007A0053003800100", Convert.ToHexString(success.SimaResponse!.Value.Span));
        Assert.Equal(new NotificationMetadata(1, NotificationEvents.Install, TestSmdp.Address, TestSmdp.Iccid), result.Metadata);
        Assert.Equal("8837" + "0A", Convert.ToHexString(result.SmdpOid!.Value.Span));
        Assert.Equal(smdp.Package, bench.Card.ReadProfilePackage(TestSmdp.Iccid));
        Assert.Equal(ProfileState.Disabled, bench.State.Profiles.Single(profile => profile.Iccid == TestSmdp.Iccid).State);
        Assert.Equal(2L, bench.State.NextSequenceNumber);
        Assert.Equal("MATCH", smdp.MatchingIdOf(download.Transaction));
        smdp.HandleNotification(result);
    }

    [Fact]
    public void The_card_tells_of_the_profile_what_its_metadata_said()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        smdp.Metadata = smdp.Metadata with { IconType = 1, Icon = new byte[] { 1, 2, 3 }, FallbackAllowed = true };
        new CardDownload(bench, smdp).Run();

        var request = new ProfileInfoListRequest(SearchIccid: TestSmdp.Iccid, TagList: Convert.FromHexString("5A4F9F70919293949599B6B79F67"));
        var info = Assert.Single(BerMessage.Decode<ProfileInfoListResponse>(bench.Terminal.Es10(request.Encode())).Profiles!);
        Assert.Equal(
            (TestSmdp.Iccid, ProfileState.Disabled, "OpenEim", "downloaded", 1, ProfileClass.Operational, true),
            (info.Iccid!.Value, info.State!.Value, info.ServiceProviderName, info.ProfileName, info.IconType!.Value, info.Class!.Value, info.FallbackAllowed!.Value));
        Assert.Equal("010203", Convert.ToHexString(info.Icon!.Value.Span));
        Assert.Equal("800300F110", Convert.ToHexString(info.Owner!.Value.Span));
        Assert.Equal(smdp.Metadata.NotificationConfigurations, info.NotificationConfigurations);
    }

    [Fact]
    public void The_result_waits_in_the_list_until_it_is_removed()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        var result = new CardDownload(bench, smdp).Run();

        Assert.Equal("BF282AA028" + Convert.ToHexString(result.Metadata.Encode()), bench.Terminal.Es10("BF2800"));
        Assert.Equal("BF2802A000", bench.Terminal.Es10("BF280481020640"));
        var kept = Assert.Single(bench.Retrieve(new RetrieveNotificationsListRequest()).Notifications!);
        Assert.Equal(result.Encoded.ToArray(), kept.Encoded.ToArray());
        Assert.Equal("BF3003800100", bench.Terminal.Es10("BF3003800101"));
        Assert.Empty(bench.Retrieve(new RetrieveNotificationsListRequest()).Notifications!);
    }

    [Fact]
    public void Free_memory_goes_down_by_the_package_and_comes_back_when_it_is_deleted()
    {
        var bench = Make(change: spec => spec with { MemorySize = 10_000 });
        using var smdp = new TestSmdp(bench.Pki);
        new CardDownload(bench, smdp).Run();

        var left = 10_000 - smdp.Package.Length;
        Assert.Equal(left, bench.State.FreeMemory);
        Assert.Equal($"8101048204{left:X8}830400008000", Convert.ToHexString(Resource(bench)));
        Assert.Equal("850100", bench.Run(new DeleteProfile(TestSmdp.Iccid)));
        Assert.Equal(10_000, bench.State.FreeMemory);
        Assert.Equal("8101038204000027108304" + "00008000", Convert.ToHexString(Resource(bench)));
    }

    [Fact]
    public void Everything_survives_a_restart_in_the_cards_file()
    {
        using var folder = new TempFolder();
        var bench = Make(memory: new FileEuiccMemory(Path.Combine(folder.Path, "card.json")));
        using var smdp = new TestSmdp(bench.Pki);
        var result = new CardDownload(bench, smdp).Run();

        bench.LoadAgain();

        Assert.Equal(smdp.Package, bench.Card.ReadProfilePackage(TestSmdp.Iccid));
        Assert.Equal(
            result.Encoded.ToArray(),
            Assert.Single(bench.Retrieve(new RetrieveNotificationsListRequest()).Notifications!).Encoded.ToArray());
        Assert.Equal("830100", bench.Run(new EnableProfile(TestSmdp.Iccid, Rollback: false)));
    }

    [Fact]
    public void Whoever_asked_for_it_hears_of_each_event_and_the_smdp_of_the_installation_only_once()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        smdp.Metadata = smdp.Metadata with
        {
            NotificationConfigurations =
            [
                new NotificationConfiguration(NotificationEvents.Install | NotificationEvents.Enable, "SMDP.example.com"),
                new NotificationConfiguration(NotificationEvents.Install | NotificationEvents.Delete, "other.example.com"),
                new NotificationConfiguration(NotificationEvents.Disable, "third.example.com"),
            ],
        };
        new CardDownload(bench, smdp).Run();
        Assert.Equal("830100", bench.Run(new EnableProfile(TestSmdp.Iccid, Rollback: false)));
        Assert.Equal("840100", bench.Run(new DisableProfile(TestSmdp.Iccid)));
        Assert.Equal("850100", bench.Run(new DeleteProfile(TestSmdp.Iccid)));

        Assert.Equal(
            [
                (1L, NotificationEvents.Install, "smdp.example.com"),
                (2L, NotificationEvents.Install, "other.example.com"),
                (4L, NotificationEvents.Enable, "SMDP.example.com"),
                (6L, NotificationEvents.Disable, "third.example.com"),
                (8L, NotificationEvents.Delete, "other.example.com"),
            ],
            bench.Retrieve(new RetrieveNotificationsListRequest()).Notifications!
                .Select(notification => (notification.Metadata!.SequenceNumber, notification.Metadata.Event, notification.Metadata.Address)));
        Assert.Null(bench.Card.ReadProfilePackage(TestSmdp.Iccid));
    }

    [Fact]
    public void Power_lost_after_any_segment_leaves_nothing_and_a_new_attempt_with_the_same_one_time_key_succeeds()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki) { ReplacesKeys = true };
        var count = new CardDownload(bench, smdp).Segments().Count;
        Assert.InRange(count, 8, 40);
        for (var n = 1; n < count; n++)
        {
            var attempt = new CardDownload(bench, smdp);
            var segments = attempt.Segments();
            Assert.Null(attempt.Load(segments.Take(n)));
            bench.LoadAgain();
            Assert.Equal((3, 0, 1L), (bench.State.Profiles.Count, bench.State.PendingNotifications, bench.State.NextSequenceNumber));

            // What is left of the old attempt is refused without a word: there is no session to sign for.
            Assert.Equal("6985", bench.Terminal.Store(segments[n]));
        }

        Assert.IsType<InstallationFinalResult.Success>(new CardDownload(bench, smdp).Run().FinalResult);
        Assert.Equal(1, smdp.Bound);
        Assert.Equal(smdp.Package, bench.Card.ReadProfilePackage(TestSmdp.Iccid));
    }

    [Theory]
    [InlineData(PowerFailurePoint.BeforeWrite, false)]
    [InlineData(PowerFailurePoint.AfterWrite, true)]
    public void Power_lost_at_the_last_segment_leaves_all_or_nothing(PowerFailurePoint point, bool installed)
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        var download = new CardDownload(bench, smdp);
        var segments = download.Segments();
        download.Load(segments[..^1]);
        bench.Card.PowerFailure = at => at == point;
        Assert.Throws<OpenEim.Device.Transports.CardRemovedException>(() => download.Load(segments[^1..]));

        bench.LoadAgain();

        Assert.Equal(installed ? smdp.Package : null, bench.Card.ReadProfilePackage(TestSmdp.Iccid));
        Assert.Equal(installed ? 1 : 0, bench.State.PendingNotifications);
        if (installed)
        {
            Assert.IsType<InstallationFinalResult.Success>(Assert.IsType<ProfileInstallationResult>(
                Assert.Single(bench.Retrieve(new RetrieveNotificationsListRequest()).Notifications!)).FinalResult);
        }
    }

    [Fact]
    public void A_one_time_key_that_the_smdp_does_not_name_or_that_was_used_up_is_not_used_again()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki) { NamesOneTimeKey = false };
        var first = OneTimeKeyOf(new CardDownload(bench, smdp));
        var second = OneTimeKeyOf(new CardDownload(bench, smdp));
        Assert.NotEqual(first, second);

        smdp.ChangeSmdpSigned2 = signed => signed with { BppEuiccOtpk = second };
        Assert.Equal(second, OneTimeKeyOf(new CardDownload(bench, smdp)));
        new CardDownload(bench, smdp).Run();
        Assert.NotEqual(second, OneTimeKeyOf(new CardDownload(bench, smdp)));
    }

    [Fact]
    public void A_one_time_key_is_not_given_to_another_smdp()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        var key = OneTimeKeyOf(new CardDownload(bench, smdp));
        using var other = new TestSmdp(bench.Pki)
        {
            Auth = bench.Pki.IssueDpAuth("2.999.11"),
            Pb = bench.Pki.IssueDpPb("2.999.11"),
            ChangeSmdpSigned2 = signed => signed with { BppEuiccOtpk = key },
        };
        Assert.NotEqual(key, OneTimeKeyOf(new CardDownload(bench, other)));
    }

    [Fact]
    public void A_cancelled_session_is_signed_once_and_then_gone()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        var download = new CardDownload(bench, smdp);
        var segments = download.Segments();
        download.Load(segments.Take(5));
        var cancel = new CancelSessionRequest(download.Transaction, CancelSessionReason.LoadBppExecutionError).Encode();

        smdp.CancelSession(download.Transaction, BerMessage.Decode<CancelSessionResponse>(bench.Terminal.Es10(cancel)));

        Assert.Equal([CancelSessionReason.LoadBppExecutionError], smdp.Cancelled);
        Assert.Equal("BF4103810105", Convert.ToHexString(bench.Terminal.Es10(cancel)));
        Assert.Equal("6985", bench.Terminal.Store(segments[5]));
        Assert.Equal(0, bench.State.PendingNotifications);
    }

    [Fact]
    public void ImmediateEnable_enables_what_was_just_installed_where_the_eim_allowed_it()
    {
        var bench = Make();
        using var smdp = new TestSmdp(bench.Pki);
        Assert.Equal("BF5A03800104", bench.Terminal.Es10("BF5A038001FF"));
        new CardDownload(bench, smdp).Run();
        Assert.Equal("BF5A03800101", bench.Terminal.Es10("BF5A038001FF"));
        Assert.Equal("870100", bench.Run(new ConfigureImmediateEnable(true, null, "elsewhere.example.com")));
        Assert.Equal("BF5A03800101", bench.Terminal.Es10("BF5A038001FF"));
        Assert.Equal("870100", bench.Run(new ConfigureImmediateEnable(true, Convert.FromHexString("88370A"), "Smdp.Example.com")));
        Assert.Equal("BF5A03800100", bench.Terminal.Es10("BF5A038001FF"));
        Assert.Equal(TestSmdp.Iccid, bench.State.EnabledProfile);
        Assert.Equal("BF5A03800104", bench.Terminal.Es10("BF5A038001FF"));
    }

    private static byte[] OneTimeKeyOf(CardDownload download) => download.Prepare().Ok!.ReadSigned().EuiccOtpk.ToArray();

    private static byte[] Resource(CardBench bench) =>
        BerMessage.Decode<EuiccInfo2>(bench.Terminal.Es10(Convert.FromHexString("BF2200"))).ExtendedCardResource!.Value.ToArray();
}

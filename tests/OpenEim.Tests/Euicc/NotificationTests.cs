using OpenEim.Device.Euicc;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>SGP.22 3.5, SGP.32 5.9.11: what the card tells those who asked to be told.</summary>
public sealed class NotificationTests
{
    private static CardBench Bench() => Make(profiles:
    [
        new ManufacturedProfile(A)
        {
            State = ProfileState.Enabled,
            NotificationConfigurations = [new(NotificationEvents.Disable | NotificationEvents.Enable, NotificationAddress), new(NotificationEvents.Disable, "second.example.com")],
        },
        new ManufacturedProfile(B)
        {
            FallbackAllowed = true,
            FallbackAttribute = true,
            NotificationConfigurations = [new(NotificationEvents.Enable | NotificationEvents.Delete, NotificationAddress)],
        },
        new ManufacturedProfile(C),
    ]);

    private static IEnumerable<(long, NotificationEvents, string)> All(CardBench bench, RetrieveNotificationsListRequest? search = null) =>
        bench.Retrieve(search ?? new()).Notifications!
            .Select(notification => (notification.Metadata!.SequenceNumber!.Value, notification.Metadata.Event!.Value, notification.Metadata.Address!));

    [Fact]
    public void A_switch_is_told_after_the_result_by_signed_notifications()
    {
        var bench = Bench();
        Assert.Equal(1, Assert.IsType<EuiccPackageResultSigned>(bench.Load(bench.Package(new EnableProfile(B, false)))).SequenceNumber);
        Assert.Equal(
            [(2, NotificationEvents.Disable, NotificationAddress), (3, NotificationEvents.Disable, "second.example.com"), (4, NotificationEvents.Enable, NotificationAddress)],
            All(bench));

        var notification = Assert.IsType<OtherSignedNotification>(bench.Retrieve(new(SequenceNumber: 4)).Notifications![0]);
        Assert.Equal("BF2F25800104810206400C10736D64702E6578616D706C652E636F6D5A0A984400000000000000F2", Convert.ToHexString(notification.SignedData.Span));
        Assert.True(bench.EuiccIdentity.Certificate.PublicKey.Verify(notification.SignedData.Span, notification.Signature.Span));
        Assert.Equal(bench.EuiccIdentity.Certificate.Encoded.ToArray(), notification.EuiccCertificate.ToArray());
    }

    [Fact]
    public void Searches_and_removal()
    {
        var bench = Bench();
        bench.Run(new EnableProfile(B, false));
        Assert.Equal([2L, 3L], All(bench, new(Event: NotificationEvents.Disable)).Select(entry => entry.Item1));
        Assert.Equal("BF2B02A000", bench.Terminal.Es10("BF2B05A003800109"));
        Assert.Single(bench.Retrieve(new(SequenceNumber: 1)).PackageResults!);
        Assert.Equal("BF3003800100", bench.Terminal.Es10("BF3003800103"));
        Assert.Equal([2L, 4L], All(bench).Select(entry => entry.Item1));
        Assert.Equal((1, 2), (bench.State.PendingResults, bench.State.PendingNotifications));
        bench.LoadAgain();
        Assert.Equal([2L, 4L], All(bench).Select(entry => entry.Item1));
        Assert.Equal("6A80", bench.Terminal.Store(Convert.FromHexString("BF2B04A0028300")));
    }

    [Fact]
    public void Delete_fallback_and_rollback_are_told_too()
    {
        var bench = Bench();
        bench.Terminal.Es10("BF5D038001FF");
        Assert.Equal(
            [NotificationEvents.Disable, NotificationEvents.Disable, NotificationEvents.Enable],
            All(bench).Select(entry => entry.Item2));
        bench.Terminal.Es10("BF5E038001FF");
        Assert.Equal([(4, NotificationEvents.Enable, NotificationAddress)], All(bench).Skip(3));
        bench.Run(new DeleteProfile(B));
        Assert.Equal([(6, NotificationEvents.Delete, NotificationAddress)], All(bench).Skip(4));
        bench.Run(new EnableProfile(C, true));
        bench.Terminal.Es10("BF58038001FF");
        Assert.Equal([(11, NotificationEvents.Enable, NotificationAddress)], All(bench).Skip(7));
    }

    [Fact]
    public void A_hundred_notifications_are_kept_and_the_oldest_goes_first()
    {
        var bench = Bench();
        for (var i = 0; i < 30; i++)
        {
            bench.Terminal.Es10("BF5D038001FF");
            bench.Terminal.Es10("BF5E038001FF");
        }

        Assert.Equal(Enumerable.Range(21, 100).Select(number => (long)number), All(bench).Select(entry => entry.Item1));
    }

    [Theory]
    [InlineData("BF2B028200", "BF2B04A0028200")] // all package results
    [InlineData("BF2B03800101", "BF2B05A003800101")] // one of either kind
    [InlineData("BF2B0481020640", "BF2B06A00481020640")] // of one event
    public void Assistants_that_leave_the_A0_out_of_their_search_get_the_same_answer(string bare, string ordinary)
    {
        var bench = Make();
        bench.Run(new EnableProfile(B, false));
        Assert.Equal(bench.Terminal.Es10(ordinary), bench.Terminal.Es10(bare));
        Assert.NotEqual(bench.Terminal.Es10("BF2B00"), bench.Terminal.Es10("BF2B028200"));
    }
}

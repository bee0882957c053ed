using System.Security.Cryptography;
using OpenEim.Device.Euicc;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>What a card remembers of its life for a judge.</summary>
public sealed class JournalTests
{
    [Fact]
    public void A_card_remembers_every_package_and_all_that_it_signed_also_after_a_loss_of_power()
    {
        var profile = new ManufacturedProfile(A)
        {
            State = ProfileState.Enabled,
            NotificationConfigurations = [new(NotificationEvents.Disable, NotificationAddress)],
        };
        var bench = Make(profiles: [profile, new ManufacturedProfile(B)], change: spec => spec with { KeepsJournal = true });
        var first = bench.Package(new EnableProfile(B, true));
        var result = bench.Load(first);
        bench.Load(first);
        bench.Terminal.Open();
        bench.Terminal.Es10("BF58038001FF");
        bench.LoadAgain();

        var journal = bench.State.Journal!;

        Assert.Equal(
            [new LoadedPackage(1, null, Sha256(first)), new LoadedPackage(1, EuiccPackageErrorCode.ReplayError, Sha256(first))],
            journal.Packages);
        Assert.Equal(
            [(1L, null), (2L, (NotificationEvents?)NotificationEvents.Disable), (3L, null)],
            journal.Issued.Select(item => (item.SequenceNumber, item.Event)));
        Assert.Equal(Sha256(((EuiccPackageResultSigned)result).Encoded.ToArray()), journal.Issued[0].Sha256);
    }

    [Fact]
    public void A_card_that_is_not_asked_to_keeps_no_journal()
    {
        var bench = Make();
        bench.Run(new GetRat());
        Assert.Null(bench.State.Journal);
    }

    private static string Sha256(byte[] content) => Convert.ToHexString(SHA256.HashData(content));
}

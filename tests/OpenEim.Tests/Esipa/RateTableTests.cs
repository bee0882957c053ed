using System.Net;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Hosting.Listeners;
using OpenEim.Server.Esipa;

namespace OpenEim.Tests.Esipa;

/// <summary>Rates in constant memory.</summary>
public sealed class RateTableTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Key_may_make_its_burst_at_once_and_its_rate_for_long()
    {
        var table = new RateTable(2, 5, 1024, _time);
        var key = new RateKey(7, 1);

        Assert.Equal(5, Enumerable.Range(0, 20).Count(_ => table.Admit(key)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, Enumerable.Range(0, 20).Count(_ => table.Admit(key)));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(5, Enumerable.Range(0, 20).Count(_ => table.Admit(key)));
    }

    [Fact]
    public void Busy_keys_do_not_take_the_allowance_of_others()
    {
        var table = new RateTable(1, 3, 4096, _time);
        for (var i = 0; i < 100; i++)
        {
            table.Admit(new RateKey(1, 0));
            table.Admit(new RateKey(2, 0));
        }

        // Two busy keys fill four slots of 8,192: a third that finds both of its own among them is all but impossible.
        Assert.All(Enumerable.Range(10, 500), number => Assert.True(table.Admit(new RateKey((UInt128)number, 9))));
        Assert.False(table.Admit(new RateKey(1, 0)));
    }

    [Fact]
    public async Task Burst_is_kept_when_many_ask_at_once()
    {
        var table = new RateTable(1, 1000, 1024, _time);
        var admitted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Enumerable.Range(0, 500).Count(_ => table.Admit(new RateKey(1, 1))), TestContext.Current.CancellationToken)));

        Assert.Equal(1000, admitted.Sum());
    }

    [Fact]
    public void Network_of_an_IPv6_address_has_64_bits_and_a_mapped_address_is_the_IPv4_one()
    {
        Assert.Equal(SourceAddress.Network(IPAddress.Parse("2001:db8:1:2::1")), SourceAddress.Network(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.NotEqual(SourceAddress.Network(IPAddress.Parse("2001:db8:1:2::1")), SourceAddress.Network(IPAddress.Parse("2001:db8:1:3::1")));
        Assert.Equal(SourceAddress.Network(IPAddress.Parse("192.0.2.1")), SourceAddress.Network(IPAddress.Parse("::ffff:192.0.2.1")));
        Assert.NotEqual(SourceAddress.Network(IPAddress.Parse("192.0.2.1")), SourceAddress.Network(IPAddress.Parse("192.0.2.2")));
        Assert.True(SourceAddress.IsIn(IPAddress.Parse("::ffff:192.0.2.1"), [IPNetwork.Parse("192.0.2.0/24")]));
        Assert.False(SourceAddress.IsIn(IPAddress.Parse("198.51.100.1"), [IPNetwork.Parse("192.0.2.0/24")]));
    }
}

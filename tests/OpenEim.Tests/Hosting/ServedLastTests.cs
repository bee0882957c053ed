using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Hosting.Settings;
using OpenEim.Server;
using OpenEim.Smdp;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Hosting;

/// <summary>A host takes its addresses before it does anything else, and lets nobody in before all is there.</summary>
public sealed class ServedLastTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_eIM_refuses_connections_until_all_is_there()
    {
        var ports = FreePorts(4);
        var clock = new KnockingClock(ports);
        await using var host = await EimHost.StartAsync(Eim(ports), clock, null, Ct);

        Assert.InRange(clock.Answers.Count, 4 * 6, int.MaxValue);
        Assert.All(clock.Answers, answer => Assert.Equal(SocketError.ConnectionRefused, answer));
        Assert.All(ports, port => Assert.Equal(SocketError.Success, KnockingClock.Knock(port)));
    }

    [Fact]
    public async Task The_SMDP_refuses_connections_until_all_is_there()
    {
        var ports = FreePorts(3);
        var clock = new KnockingClock(ports);
        await using var host = await SmdpHost.StartAsync(Smdp(ports), clock, null, Ct);

        Assert.InRange(clock.Answers.Count, 3 * 2, int.MaxValue);
        Assert.All(clock.Answers, answer => Assert.Equal(SocketError.ConnectionRefused, answer));
        Assert.All(ports, port => Assert.Equal(SocketError.Success, KnockingClock.Knock(port)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_port_that_is_taken_ends_the_start_of_the_eIM_before_anything_is_made(int which)
    {
        var ports = FreePorts(4);
        using var other = new TcpListener(IPAddress.Loopback, ports[which]);
        other.Start();

        var refusal = await Assert.ThrowsAsync<SetupException>(() => EimHost.StartAsync(Eim(ports), ct: Ct));

        Assert.Contains($"127.0.0.1:{ports[which]}/ cannot be listened on: ", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("data")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_port_that_is_taken_ends_the_start_of_the_SMDP_before_anything_is_made(int which)
    {
        var ports = FreePorts(3);
        using var other = new TcpListener(IPAddress.Loopback, ports[which]);
        other.Start();

        var refusal = await Assert.ThrowsAsync<SetupException>(() => SmdpHost.StartAsync(Smdp(ports), ct: Ct));

        Assert.Contains($"127.0.0.1:{ports[which]}/ cannot be listened on: ", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("data")));
    }

    [Fact]
    public async Task A_start_that_fails_later_gives_its_addresses_back()
    {
        var ports = FreePorts(4);
        await Assert.ThrowsAsync<SetupException>(() => EimHost.StartAsync(Eim(ports) with { EsipaClientRoots = Empty() }, ct: Ct));

        await using var host = await EimHost.StartAsync(Eim(ports), ct: Ct);
        Assert.Equal(ports, new[] { host.EsipaUrl.Port, host.ApiUrl.Port, host.MetricsUrl!.Port, host.Es2CallbackUrl!.Port });
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }

    private ServerOptions Eim(int[] ports) => new()
    {
        Data = _folder.File("data"),
        EsipaUrl = new Uri($"https://127.0.0.1:{ports[0]}"),
        ApiUrl = new Uri($"http://127.0.0.1:{ports[1]}"),
        MetricsUrl = new Uri($"http://127.0.0.1:{ports[2]}"),
        Es2CallbackUrl = new Uri($"http://127.0.0.1:{ports[3]}"),
    };

    private SmdpOptions Smdp(int[] ports) => new()
    {
        Data = _folder.File("data"),
        Es9PlusUrl = new Uri($"https://127.0.0.1:{ports[0]}"),
        Es2PlusUrl = new Uri($"http://127.0.0.1:{ports[1]}"),
        MetricsUrl = new Uri($"http://127.0.0.1:{ports[2]}"),
    };

    private string Empty()
    {
        File.WriteAllText(_folder.File("empty.pem"), "");
        return _folder.File("empty.pem");
    }

    /// <summary>Tries to connect whenever a host begins work that repeats; the work itself never comes, as this clock stands still.</summary>
    private sealed class KnockingClock(int[] ports) : FakeTimeProvider(DateTimeOffset.UtcNow)
    {
        public List<SocketError> Answers { get; } = [];

        public static SocketError Knock(int port)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Connect(IPAddress.Loopback, port);
                return SocketError.Success;
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode;
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (Answers)
            {
                Answers.AddRange(ports.Select(Knock));
            }

            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}

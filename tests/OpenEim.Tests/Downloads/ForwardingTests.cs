using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Manager.Notifications;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;
using OpenEim.Storage;

namespace OpenEim.Tests.Downloads;

/// <summary>What eUICCs have to tell SM-DP+s arrives there, once the SM-DP+ is there.</summary>
public abstract class ForwardingTests(DbEngine engine)
{
    [Fact]
    public async Task Installation_result_is_handed_on_byte_for_byte_and_only_once()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.ScheduleAsync();
        var result = lab.Installed(TransactionId.Random());
        await lab.ProvideAsync(await lab.TriggerAsync(), result);

        Assert.Equal(1, await ForwardAsync(lab, TestContext.Current.CancellationToken));
        Assert.Equal(0, await ForwardAsync(lab, TestContext.Current.CancellationToken));

        var call = Assert.Single(lab.Smdp.Calls);
        Assert.Equal("handleNotification", call.Function);
        var sent = RspJson.Read(call.Body, Es9PlusJsonContext.Default.HandleNotificationRequestJson);
        Assert.Equal(result.Encoded.ToArray(), sent.PendingNotification!.Value.ToArray());
    }

    [Fact]
    public async Task SMDP_that_is_away_gets_it_after_its_return()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.ScheduleAsync();
        await lab.ProvideAsync(await lab.TriggerAsync(), lab.Installed(TransactionId.Random()));
        lab.Smdp.HttpStatus = 500;
        Assert.Equal(0, await ForwardAsync(lab, TestContext.Current.CancellationToken));
        Assert.Equal(0, await ForwardAsync(lab, TestContext.Current.CancellationToken));
        Assert.Equal(1, lab.Smdp.CountOf("handleNotification")); // not tried again at once

        lab.Engine.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(0, await ForwardAsync(lab, TestContext.Current.CancellationToken));
        lab.Smdp.HttpStatus = null;
        lab.Engine.Clock.Advance(TimeSpan.FromSeconds(21));

        Assert.Equal(1, await ForwardAsync(lab, TestContext.Current.CancellationToken));
        Assert.Equal(3, lab.Smdp.CountOf("handleNotification"));
    }

    [Theory]
    [InlineData(400, 1)]
    [InlineData(-20_000, 0)]
    public async Task A_clock_that_was_wrong_when_it_came_neither_holds_nor_loses_it(int days, int arrives)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.ScheduleAsync();
        await lab.ProvideAsync(await lab.TriggerAsync(), lab.Installed(TransactionId.Random()));
        await lab.Engine.Database.WriteAsync(
            session => session.ExecuteAsync(
                "UPDATE notification SET received = received + @by, next_attempt = next_attempt + @by", new { by = TimeSpan.FromDays(days).Ticks / TimeSpan.TicksPerMillisecond }),
            TestContext.Current.CancellationToken);
        lab.Smdp.HttpStatus = arrives == 1 ? null : 500;

        Assert.Equal(arrives, await ForwardAsync(lab, TestContext.Current.CancellationToken));
        lab.Smdp.HttpStatus = null;
        lab.Engine.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(1 - arrives, await ForwardAsync(lab, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Another_node_takes_over_what_a_dead_one_had_leased()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.ScheduleAsync();
        await lab.ProvideAsync(await lab.TriggerAsync(), lab.Installed(TransactionId.Random()));
        lab.Smdp.Hangs = true;
        using var death = new CancellationTokenSource();
        var dying = ForwardAsync(lab, death.Token);
        await lab.Smdp.Arrived.WaitAsync(TestContext.Current.CancellationToken);
        await death.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => dying);
        lab.Smdp.Hangs = false;

        Assert.Equal(0, await ForwardAsync(lab, TestContext.Current.CancellationToken));
        lab.Engine.Clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(1, await ForwardAsync(lab, TestContext.Current.CancellationToken));
    }

    private static async Task<int> ForwardAsync(DownloadLab lab, CancellationToken ct)
    {
        await lab.Engine.Slices.RefreshAsync(ct);
        return await Forwarder(lab).RunOnceAsync(ct);
    }

    private static NotificationForwarder Forwarder(DownloadLab lab) =>
        new(lab.Engine.Database, lab.Engine.Downloads.Es9Plus, lab.Engine.Slices, lab.Engine.Clock, NullLogger<NotificationForwarder>.Instance);
}

public sealed class ForwardingTestsOnSqlite() : ForwardingTests(DbEngine.Sqlite);

public sealed class ForwardingTestsOnPostgres() : ForwardingTests(DbEngine.Postgres);

using Microsoft.Extensions.Logging.Abstractions;
using OpenEim.Manager.Operations;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>What is older than its retention goes, what is open stays, and the device goes on.</summary>
public abstract class HistoryTests(DbEngine engine)
{
    private static readonly TimeSpan Retained = TimeSpan.FromDays(31);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_operations_and_packages_go_and_an_open_one_stays()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var old = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        await device.RunAsync();
        lab.Clock.Advance(TimeSpan.FromDays(70));
        var open = await lab.ScheduleAsync(device, OperationAction.SetFallback, EngineLab.Third, validity: 86400 * 200);
        lab.Clock.Advance(TimeSpan.FromDays(70));

        await ForgetAsync(lab);

        await Assert.ThrowsAsync<InvalidOperationException>(() => lab.ReadAsync(device, old));
        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(device, open)).Status);
        Assert.Equal(0, await lab.Database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT count(*) FROM exchange"), Ct));
        await device.RunAsync();
        Assert.NotEqual(OperationStatus.Scheduled, (await lab.ReadAsync(device, open)).Status);
        lab.Clock.Advance(TimeSpan.FromDays(70));
        await ForgetAsync(lab);
        await Assert.ThrowsAsync<InvalidOperationException>(() => lab.ReadAsync(device, open));
    }

    [Fact]
    public async Task What_is_younger_than_its_retention_stays()
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Audit);
        await device.RunAsync();
        lab.Clock.Advance(TimeSpan.FromDays(30));

        Assert.Equal(0, await ForgetAsync(lab));
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    private static async Task<long> ForgetAsync(EngineLab lab)
    {
        await lab.Slices.RefreshAsync(Ct);
        return await new History(lab.Database, new Retention(Retained, Retained, Retained), lab.Slices, lab.Clock, NullLogger<History>.Instance).RunOnceAsync(Ct);
    }
}

public sealed class HistoryTestsOnSqlite() : HistoryTests(DbEngine.Sqlite);

public sealed class HistoryTestsOnPostgres() : HistoryTests(DbEngine.Postgres)
{
    [Theory]
    [InlineData("UTC")]
    [InlineData("America/New_York")]
    [InlineData("Pacific/Auckland")]
    public async Task Months_are_those_of_UTC_whatever_the_time_zone_of_the_session(string zone)
    {
        await using var data = await TestDatabase.CreateAsync(DbEngine.Postgres, typeof(History).Assembly);
        await using var database = Database.Open($"{data.ConnectionString};Timezone={zone}");
        foreach (var month in Enumerable.Range(1, 12))
        {
            var now = new DateTimeOffset(2027, month, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
            await database.WriteAsync(session => session.ExecuteScalarAsync<long>("SELECT openeim_extend_history(@now)", new { now }), TestContext.Current.CancellationToken);
        }

        var bounds = await database.ReadAsync(
            session => session.QueryAsync<string>(
                """
                SELECT relname || ' ' || pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname ~ '^exchange_20(27|28)[0-9]{2}$' ORDER BY relname
                """),
            TestContext.Current.CancellationToken);
        Assert.Equal(
            Enumerable.Range(0, 14).Select(n => new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(n)).Select(first =>
                $"exchange_{first:yyyyMM} FOR VALUES FROM ('{first.ToUnixTimeMilliseconds()}') TO ('{first.AddMonths(1).ToUnixTimeMilliseconds()}')"),
            bounds);
    }
}

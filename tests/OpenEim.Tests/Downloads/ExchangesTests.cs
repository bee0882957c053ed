using System.Globalization;
using OpenEim.Manager;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;
using OpenEim.Tests.Packages;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Downloads;

/// <summary>What is in flight is found by its transaction, whichever version made that.</summary>
public abstract class ExchangesTests(DbEngine engine)
{
    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-40)]
    [InlineData(4000)]
    public async Task Answers_find_what_they_answer_though_its_id_tells_another_day(int days)
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        var enabled = await lab.Engine.ScheduleAsync(lab.Device, OperationAction.Enable, EngineLab.Second);
        var package = (await lab.Device.PollAsync())!;
        await ShiftAsync(lab, days);
        Assert.Equal(package, await lab.Device.PollAsync());
        await lab.Device.ProvideAsync(lab.Device.Execute(package), withEid: false);
        Assert.Equal("Succeeded", await lab.StatusAsync(enabled));

        var audit = await lab.Engine.ScheduleAsync(lab.Device, OperationAction.Audit);
        while (await lab.Device.PollAsync() is { } next)
        {
            await ShiftAsync(lab, days);
            await lab.Device.ProvideAsync(lab.Device.Execute(next));
        }

        Assert.Equal("Succeeded", await lab.StatusAsync(audit));

        lab.Smdp.Iccid = Iccid.Parse("8949000000000000009");
        var download = await lab.ScheduleAsync();
        var trigger = await lab.TriggerAsync();
        await ShiftAsync(lab, days);
        await lab.ProvideAsync(trigger, lab.Installed(await lab.RelayAsync(trigger)));
        Assert.Equal("Succeeded", await lab.StatusAsync(download));
        Assert.Equal(0, await lab.Engine.Database.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT count(*) FROM exchange WHERE answered IS NULL"), Ct));
    }

    /// <summary>As if the ids of what is in flight did not tell its day.</summary>
    private static async Task ShiftAsync(DownloadLab lab, int days) => Assert.Equal(1, await lab.Engine.Database.WriteAsync(
        session => session.ExecuteAsync("UPDATE exchange SET created = created - @shift WHERE answered IS NULL", new { shift = days * 86_400_000L }), Ct));
}

public sealed class ExchangesTestsOnSqlite() : ExchangesTests(DbEngine.Sqlite);

public sealed class ExchangesTestsOnPostgres() : ExchangesTests(DbEngine.Postgres)
{
    [Fact]
    public async Task One_month_of_many_is_looked_into()
    {
        await using var server = await ExplainedServer.StartAsync();
        var data = await TestDatabase.CreateAsync(server, typeof(Eim).Assembly);
        for (var month = new DateTimeOffset(2025, 10, 1, 0, 0, 0, TimeSpan.Zero); month.Year < 2027; month = month.AddMonths(1))
        {
            await server.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT openeim_extend_history({month.ToUnixTimeMilliseconds()})"), data.DatabaseName);
        }

        await server.ExecuteAsync("ALTER SYSTEM SET auto_explain.log_min_duration = 0");
        await server.ExecuteAsync("SELECT pg_reload_conf()");
        await using (var lab = await DownloadLab.StartAsync(data))
        {
            // Often enough for each statement to be prepared.
            for (var round = 0; round < 8; round++)
            {
                var operation = await lab.Engine.ScheduleAsync(lab.Device, OperationAction.Enable, round % 2 == 0 ? EngineLab.Second : EngineLab.First);
                var package = await lab.Device.PollAsync();
                Assert.Equal(package, await lab.Device.PollAsync());
                await lab.Device.ProvideAsync(lab.Device.Execute(package!));
                Assert.Equal("Succeeded", await lab.StatusAsync(operation));
                await lab.ScheduleAsync();
                var trigger = await lab.TriggerAsync();
                await lab.SendAsync(DownloadLab.Initiate(trigger, lab.Smdp.Address));
                await lab.ReportAsync(trigger);
                await lab.Device.RunAsync();
            }
        }

        var statements = await ExplainedServer.ReadAsync(server, new HashSet<string>(), Ct);
        var byTransaction = statements.Where(statement => statement.Sql.Contains("transaction_id = $", StringComparison.Ordinal)
            && statement.Sql.Contains("exchange", StringComparison.Ordinal)).ToList();
        Assert.Equal(5, byTransaction.Count);
        Assert.All(byTransaction, statement => Assert.Equal(["exchange_202601"], statement.Tables.Where(table => table.StartsWith("exchange", StringComparison.Ordinal))));
    }
}

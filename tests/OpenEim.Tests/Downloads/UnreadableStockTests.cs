using OpenEim.Storage;

namespace OpenEim.Tests.Downloads;

/// <summary>Profiles in stock whose secrets cannot be read, because the master key is another one or the row is damaged.</summary>
public abstract class UnreadableStockTests(DbEngine engine)
{
    [Fact]
    public async Task Profile_in_stock_whose_activation_code_cannot_be_decrypted_does_not_hold_up_a_download()
    {
        await using var lab = await DownloadLab.StartAsync(engine);
        await lab.Engine.Database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    """
                    INSERT INTO stock_profile (organisation_id, iccid, status, smdp_address, eid, activation_code, created, updated)
                    VALUES (1, '8949000000000000009', 5, 'smdp.example.com', @Eid, @Code, 0, 0)
                    """,
                    new { Eid = lab.Device.Eid.ToBytes(), Code = new byte[40] });
                return await session.ExecuteAsync(
                    "INSERT INTO profile (eid, iccid, status, created, updated) VALUES (@Eid, '8949000000000000009', 5, 0, 0)",
                    new { Eid = lab.Device.Eid.ToBytes() });
            },
            TestContext.Current.CancellationToken);
        var operation = await lab.ScheduleAsync();

        var trigger = await lab.TriggerAsync();

        Assert.Equal("Scheduled", await lab.StatusAsync(operation));
        lab.Engine.AssertWarned("the activation code of profile 8949000000000000009 in stock cannot be read");
        await lab.ProvideAsync(trigger, lab.Installed(await lab.RelayAsync(trigger)));
        Assert.Equal("Succeeded", await lab.StatusAsync(operation));
    }
}

public sealed class UnreadableStockTestsOnSqlite() : UnreadableStockTests(DbEngine.Sqlite);

public sealed class UnreadableStockTestsOnPostgres() : UnreadableStockTests(DbEngine.Postgres);

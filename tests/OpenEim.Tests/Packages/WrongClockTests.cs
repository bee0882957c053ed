using OpenEim.Manager.Operations;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>Times in the database that a clock has written that was ahead.</summary>
public abstract class WrongClockTests(DbEngine engine)
{
    [Fact]
    public async Task Hold_that_a_clock_has_set_that_was_ahead_is_over()
    {
        await using var lab = new EngineLab(engine);
        var device = (await lab.NewKnownDeviceAsync()).At("192.0.2.1");
        await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var package = await device.PollAsync();
        await device.PollAsync();
        await device.PollAsync();
        Assert.Null(await device.PollAsync());

        await lab.Database.WriteAsync(
            session => session.ExecuteAsync(
                "UPDATE exchange SET pollers = replace(pollers, @Held, @Ahead) WHERE eid = @Eid AND pollers LIKE '%\"held_until\":%'",
                new
                {
                    Eid = device.Eid.ToBytes(),
                    Held = $"\"held_until\":{lab.Clock.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds()}",
                    Ahead = $"\"held_until\":{lab.Clock.GetUtcNow().AddYears(1).ToUnixTimeMilliseconds()}",
                }),
            TestContext.Current.CancellationToken);

        Assert.Equal(package, await device.PollAsync());
    }
}

public sealed class WrongClockTestsOnSqlite() : WrongClockTests(DbEngine.Sqlite);

public sealed class WrongClockTestsOnPostgres() : WrongClockTests(DbEngine.Postgres);

using OpenEim.Manager.Euiccs;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>The EID behind a number is read once.</summary>
public abstract class EuiccIdsTests(DbEngine engine)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EID_that_was_read_once_is_kept_and_an_unknown_number_is_asked_for_again()
    {
        await using var lab = new EngineLab(engine);
        var ids = new EuiccIds();
        Assert.Null(await ids.FindAsync(lab.Database, 1, Ct));
        var device = await lab.NewDeviceAsync();

        Assert.Equal(device.Eid, await ids.FindAsync(lab.Database, 1, Ct));
        await lab.Database.WriteAsync(session => session.ExecuteAsync("DELETE FROM euicc"), Ct);

        Assert.Equal(device.Eid, await ids.FindAsync(lab.Database, 1, Ct));
        Assert.Null(await new EuiccIds().FindAsync(lab.Database, 1, Ct));
    }
}

public sealed class EuiccIdsTestsOnSqlite() : EuiccIdsTests(DbEngine.Sqlite);

public sealed class EuiccIdsTestsOnPostgres() : EuiccIdsTests(DbEngine.Postgres);

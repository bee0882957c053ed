using System.Globalization;
using Microsoft.Data.Sqlite;
using OpenEim.Demo;
using OpenEim.Device.Euicc;

namespace OpenEim.Tests.EndToEnd;

/// <summary>Where the server is killed.</summary>
public enum KillPoint
{
    /// <summary>A package is stored and on its way out; no byte of it has reached the device.</summary>
    PackageStored,

    /// <summary>A result has arrived; nothing of it is in the database.</summary>
    ResultReceived,

    /// <summary>A result is in the database; no byte of the acknowledgement has reached the device.</summary>
    ResultCommitted,
}

/// <summary>The server as a process of its own, killed without warning in the middle of its work, again and again (kill -9).</summary>
/// <remarks>The judge is the cards' state: every package executed once, counters and sequence numbers without a gap.</remarks>
public sealed class KillTests
{
    private const int Enable = 3;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KillPoint.PackageStored)]
    [InlineData(KillPoint.ResultReceived)]
    [InlineData(KillPoint.ResultCommitted)]
    public async Task Server_killed_at_a_named_point_ends_every_operation_right_executed_once(KillPoint point)
    {
        const int Devices = 3;
        const int Rounds = 2;
        await using var server = await ServerProcess.StartAsync(Devices);
        var before = server.Fleet.Devices.Select(device => device.Inspect()).ToList();
        var scheduled = 0;
        for (var round = 0; round < Rounds; round++)
        {
            scheduled += await server.ScheduleAsync(Enable, profile: 2 - round);
            var killed = KillAt(server, point);
            await server.PollAllAsync();
            Assert.True(killed.Task.IsCompletedSuccessfully, "the server was never at that point");
            Assert.True(await killed.Task, "an answer of the killed server came through");
            server.Proxy.Carry = passage => passage.Send();
            await server.RestartAsync();
            await server.PollAllAsync();
        }

        await AssertAllRightAsync(server, before, scheduled / Devices, enabledProfile: 1);
    }

    /// <summary>Kills the server once, when the first message gets to the point; what it completes with is whether nothing came through.</summary>
    private static TaskCompletionSource<bool> KillAt(ServerProcess server, KillPoint point)
    {
        var killed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var taken = 0;
        server.Proxy.Carry = async passage =>
        {
            if (point == KillPoint.ResultReceived && passage.BringsPackageResult && Interlocked.Exchange(ref taken, 1) == 0)
            {
                killed.SetResult(await KillBeforeCommitAsync(server, passage));
                return null;
            }

            var answer = await passage.Send();
            var isThere = point switch
            {
                KillPoint.PackageStored => EsipaPassage.HandsPackageOut(answer),
                KillPoint.ResultCommitted => passage.BringsPackageResult && answer is not null,
                _ => false,
            };
            if (isThere && Interlocked.Exchange(ref taken, 1) == 0)
            {
                server.Kill();
                killed.SetResult(true);
                return null;
            }

            return answer;
        };
        return killed;
    }

    /// <summary>Holds the database's one write lock, so that the result arrives and cannot be committed, and kills the server then.</summary>
    private static async Task<bool> KillBeforeCommitAsync(ServerProcess server, EsipaPassage passage)
    {
        await using var database = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = server.DatabasePath, Pooling = false, DefaultTimeout = 30 }.ConnectionString);
        await database.OpenAsync(Ct);
        await using (var lockAll = database.BeginTransaction(deferred: false))
        {
            var sent = passage.Send();

            // The poll of a stranger needs no write: once it is answered, the server has had the result for as long as that took.
            await server.Proxy.SendAsync(Convert.FromHexString("BF4F125A1089049032123451234512345678901235"));
            server.Kill();
            return await sent is null;
        }
    }

    private static async Task AssertAllRightAsync(ServerProcess server, List<EuiccSnapshot> before, int operations, int enabledProfile)
    {
        for (var index = 0; index < before.Count; index++)
        {
            var (old, card) = (before[index], server.Fleet.Devices[index].Inspect());
            Assert.Equal(Enumerable.Repeat("Succeeded", operations), await server.StatusesAsync(index));
            Assert.Equal(old.ExecutedPackages + operations, card.ExecutedPackages);
            Assert.Equal(old.Eims[0].Counter + operations, card.Eims[0].Counter);
            Assert.Equal(old.NextSequenceNumber + operations, card.NextSequenceNumber);
            Assert.Equal((0, 0), (card.PendingResults, card.PendingNotifications));
            Assert.Equal(DemoFleet.IccidOf(index, enabledProfile), card.EnabledProfile);
            Assert.Equal(DemoFleet.IccidOf(index, enabledProfile).ToString(), await server.EnabledAsync(index));
            Assert.Equal(Enumerable.Range(1, (int)card.Eims[0].Counter).Select(counter => (long)counter), await CountersAsync(server, card));
        }
    }

    /// <summary>The counters of the packages that the eIM has made for a card, from its own books.</summary>
    private static async Task<List<long>> CountersAsync(ServerProcess server, EuiccSnapshot card)
    {
        await using var database = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = server.DatabasePath, Pooling = false, Mode = SqliteOpenMode.ReadOnly }.ConnectionString);
        await database.OpenAsync(Ct);
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT counter FROM exchange WHERE eid = @eid AND counter IS NOT NULL ORDER BY counter";
        command.Parameters.AddWithValue("@eid", card.Eid.ToBytes());
        var counters = new List<long>();
        await using var rows = await command.ExecuteReaderAsync(Ct);
        while (await rows.ReadAsync(Ct))
        {
            counters.Add(Convert.ToInt64(rows.GetValue(0), CultureInfo.InvariantCulture));
        }

        return counters;
    }
}

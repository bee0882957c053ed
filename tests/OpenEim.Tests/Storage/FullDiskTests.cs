using System.Net;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Hosting.Keys;
using OpenEim.Storage;
using OpenEim.Tests.Api;

namespace OpenEim.Tests.Storage;

/// <summary>A database that cannot be written or read: callers may come again later, the host says that it is not ready, and recovers by itself.</summary>
public sealed class FullDiskTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Full_disk_is_503_and_not_ready_and_passes_by_itself()
    {
        await using var api = await ApiHost.StartAsync(DbEngine.Sqlite);
        await SetRoomAsync(api.Eim.Database, 1); // the file may not grow: what SQLite says of a full disk

        var refused = await api.PostAsync("/api/v1/euicc", Many(1, 2_000));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.True(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture) > 0);
        var ready = await api.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
        Assert.Contains("the database cannot be written", ready.Body, StringComparison.Ordinal);

        api.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.GetAsync("/health/ready")).Status);

        await SetRoomAsync(api.Eim.Database, 1_000_000);
        api.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/health/ready")).Status);
        Assert.Equal(HttpStatusCode.Created, (await api.PostAsync("/api/v1/euicc", Many(1, 2_000))).Status);
    }

    [Fact]
    public async Task Damaged_page_is_told_in_a_sentence_and_stays_until_somebody_mends_it()
    {
        using var folder = new TempFolder();
        var path = folder.File("data.db");
        var scripts = new SchemaScripts(("0001_a.sql", "CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT);"));
        await using (var healthy = Database.Open(path))
        {
            healthy.Upgrade(scripts);
            await healthy.WriteAsync(session => session.ExecuteAsync("INSERT INTO a VALUES (@X, @Y)", Enumerable.Range(1, 500).Select(x => new { X = x, Y = new string('y', 1000) })), Ct);
        }

        await using (var file = File.OpenWrite(path))
        {
            file.Position = 40 * 4096;
            file.Write(Enumerable.Repeat((byte)0xEE, 80 * 4096).ToArray());
        }

        var clock = new FakeTimeProvider();
        await using var damaged = Database.Open(path, new DatabaseOptions { Time = clock });
        Assert.Null(await damaged.FindWriteTroubleAsync(Ct));
        var sentence = $"The data file {path} is damaged or is not a database.";

        var read = await Assert.ThrowsAsync<StorageUnavailableException>(async () => await damaged.ReadAsync(session => session.ExecuteScalarAsync<long>("SELECT sum(length(y)) FROM a"), Ct));
        Assert.Equal(sentence, read.Message);
        var write = await Assert.ThrowsAsync<StorageUnavailableException>(() => damaged.WriteAsync(session => session.ExecuteAsync("UPDATE a SET y = y || 'z'"), Ct));
        Assert.Equal(sentence, write.Message);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(sentence, await damaged.FindWriteTroubleAsync(Ct));
    }

    [Fact]
    public async Task Full_disk_of_PostgreSQL_is_known_by_its_code()
    {
        await using var data = await TestDatabase.CreateAsync(DbEngine.Postgres, SchemaScripts.Items);
        var clock = new FakeTimeProvider();
        await using var database = Database.Open(data.ConnectionString, new DatabaseOptions { Time = clock });
        foreach (var code in (string[])["53100", "58030", "XX001", "25006"])
        {
            var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => database.WriteAsync(
                session => session.ExecuteAsync($"DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '{code}'; END $$"), Ct));
            Assert.EndsWith(" cannot store: no space", error.Message, StringComparison.Ordinal);
            Assert.Equal(error.Message, await database.FindWriteTroubleAsync(Ct));
            clock.Advance(TimeSpan.FromSeconds(10));
            Assert.Null(await database.FindWriteTroubleAsync(Ct));
        }
    }

    [Fact]
    public void Secret_that_could_not_be_written_whole_leaves_nothing_behind()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.File("application-token"));
        Assert.ThrowsAny<Exception>(() => DataFolder.WritePrivate(folder.File("application-token"), "secret"));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Token_that_is_there_already_is_moved_aside()
    {
        using var folder = new TempFolder();
        Assert.Null(DataFolder.WritePrivateBeside(folder.File("application-token"), "first"));
        var aside = DataFolder.WritePrivateBeside(folder.File("application-token"), "second")!;
        Assert.Equal(("second", "first"), (await File.ReadAllTextAsync(folder.File("application-token"), Ct), await File.ReadAllTextAsync(aside, Ct)));
    }

    private static Task<long> SetRoomAsync(Database database, int pages) =>
        database.WriteAsync(session => session.ExecuteScalarAsync<long>($"PRAGMA max_page_count={pages}"), Ct);

    private static string Many(int first, int count) =>
        $"[{string.Join(',', Enumerable.Range(first, count).Select(number => $$"""{"eid":"{{ApiHost.EidOf(number)}}"}"""))}]";
}

using OpenEim.Storage;

namespace OpenEim.Tests.Storage;

/// <summary>The one-row read of the poll path.</summary>
public sealed class RowByKeyTests : IAsyncDisposable
{
    private static readonly RowByKey<Item> ById = new(
        "item", "eid", "id, name",
        row => new Item(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1)));

    private static readonly RowByKey<Item> ByNameOnly = new("item", "eid", "7, name", row => new Item(row.GetInt64(0), null));

    private readonly TempFolder _folder = new();
    private readonly Database _database;

    public RowByKeyTests()
    {
        _database = Database.Open(_folder.File("data.db"));
        _database.Upgrade(SchemaScripts.Items);
        _database.Upgrade(new SchemaScripts(("0002_key.sql", "CREATE UNIQUE INDEX item_eid ON item (eid);")));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_row_is_found_by_its_key_and_a_missing_one_is_null()
    {
        await InsertAsync(1, "one");
        await InsertAsync(2, null);

        Assert.Equal(new Item(1, "one"), await _database.ReadRowAsync(ById, Key(1), Ct));
        Assert.Equal(new Item(2, null), await _database.ReadRowAsync(ById, Key(2), Ct));
        Assert.Null(await _database.ReadRowAsync(ById, Key(3), Ct));
        Assert.Null(await _database.ReadRowAsync(ById, new byte[3], Ct));
        Assert.Equal(new Item(7, null), await _database.ReadRowAsync(ByNameOnly, Key(1), Ct));
    }

    [Fact]
    public async Task Each_read_sees_what_was_committed_before_it()
    {
        await InsertAsync(1, "old");
        Assert.Equal("old", (await _database.ReadRowAsync(ById, Key(1), Ct))?.Name);
        await _database.WriteAsync(session => session.ExecuteAsync("UPDATE item SET name = 'new'"), Ct);
        Assert.Equal("new", (await _database.ReadRowAsync(ById, Key(1), Ct))?.Name);
    }

    [Fact]
    public async Task Readers_in_parallel_each_get_their_own_row()
    {
        for (byte id = 0; id < 20; id++)
        {
            await InsertAsync(id, null);
        }

        await Parallel.ForAsync(0, 2000, Ct, async (n, ct) =>
            Assert.Equal(n % 20, (await _database.ReadRowAsync(ById, Key((byte)(n % 20)), ct))?.Id));
    }

    [Fact]
    public async Task A_read_allocates_little()
    {
        await InsertAsync(1, null);
        var key = Key(1);
        ReadOften(key, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadOften(key, 1000);
        var perRead = (GC.GetAllocatedBytesForCurrentThread() - before) / 1000;

        Assert.InRange(perRead, 0, 700);
    }

    private static byte[] Key(byte last) => [.. new byte[15], last];

    private void ReadOften(byte[] key, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var read = _database.ReadRowAsync(ById, key, Ct);
            if (!read.IsCompletedSuccessfully || read.Result is not { Id: 1 })
            {
                Assert.Fail("The row should have been there at once.");
            }
        }
    }

    private Task<int> InsertAsync(byte id, string? name) =>
        _database.WriteAsync(session => session.ExecuteAsync("INSERT INTO item (id, name, eid) VALUES (@id, @name, @eid)", new { id, name, eid = Key(id) }), Ct);

    private readonly record struct Item(long Id, string? Name);
}

using Microsoft.Extensions.Time.Testing;
using OpenEim.Manager.Nodes;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>How nodes share the background work out.</summary>
public abstract class SlicesTests(DbEngine engine) : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private TestDatabase _data = null!;
    private Database _database = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _data = await TestDatabase.CreateAsync(engine, typeof(Slices).Assembly);
        _database = _data.Open();
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _data.DisposeAsync();
    }

    [Fact]
    public async Task A_node_alone_has_all_slices_and_gives_others_their_share()
    {
        Slices[] nodes = [New("a"), New("b"), New("c")];
        await nodes[0].RefreshAsync(Ct);
        Assert.Equal(Slices.Count, nodes[0].Held.Count);

        await RefreshAsync(nodes, rounds: 3);

        Assert.Equal([4, 6, 6], nodes.Select(node => node.Held.Count).Order());
        Assert.Equal(Enumerable.Range(0, Slices.Count).Select(n => (long)n), nodes.SelectMany(node => node.Held).Order());
        Assert.Single(nodes, node => node.HoldsFirst);
    }

    [Fact]
    public async Task What_a_node_held_by_a_clock_that_was_ahead_is_taken_over_once_clocks_are_right()
    {
        var ahead = new Slices(_database, new FakeTimeProvider(_clock.GetUtcNow().AddYears(1)), "a");
        await ahead.RefreshAsync(Ct);
        Assert.Equal(Slices.Count, ahead.Held.Count);

        var right = New("b");
        await right.RefreshAsync(Ct);
        Assert.Equal(Slices.Count, right.Held.Count);
        Assert.Equal(["b"], await _database.ReadAsync(session => session.QueryAsync<string>("SELECT name FROM node"), Ct));
    }

    [Fact]
    public async Task What_a_dead_node_held_is_taken_over_when_its_lease_has_run_out_and_not_before()
    {
        Slices[] nodes = [New("a"), New("b")];
        await RefreshAsync(nodes, rounds: 3);
        Assert.Equal([8, 8], nodes.Select(node => node.Held.Count));

        // The first is not heard of again.
        _clock.Advance(TimeSpan.FromSeconds(15));
        await nodes[1].RefreshAsync(Ct);
        Assert.Equal(8, nodes[1].Held.Count);
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Empty(nodes[0].Held);
        await nodes[1].RefreshAsync(Ct);
        Assert.Equal(Slices.Count, nodes[1].Held.Count);
    }

    [Fact]
    public async Task What_a_stopping_node_held_is_free_at_once()
    {
        Slices[] nodes = [New("a"), New("b")];
        await RefreshAsync(nodes, rounds: 3);
        await nodes[0].ReleaseAsync(Ct);
        Assert.Empty(nodes[0].Held);
        await nodes[1].RefreshAsync(Ct);
        Assert.Equal(Slices.Count, nodes[1].Held.Count);
    }

    [Fact]
    public async Task Nodes_that_refresh_at_the_same_time_never_hold_the_same_slice()
    {
        var nodes = Enumerable.Range(0, 5).Select(n => New($"{n}")).ToArray();
        for (var round = 0; round < 10; round++)
        {
            await Task.WhenAll(nodes.Select(node => node.RefreshAsync(Ct)));
            var held = nodes.SelectMany(node => node.Held).ToList();
            Assert.Equal(held.Count, held.Distinct().Count());
        }

        Assert.Equal(Slices.Count, nodes.Sum(node => node.Held.Count));
    }

    [Fact]
    public void EUICCs_spread_over_all_slices()
    {
        var counts = Enumerable.Range(1, 16_000).GroupBy(n => Slices.Of(Eid.Parse($"890490320000000000000000{n:D8}"))).Select(slice => slice.Count()).ToList();
        Assert.Equal(Slices.Count, counts.Count);
        Assert.All(counts, count => Assert.InRange(count, 300, 3000));
    }

    private Slices New(string name) => new(_database, _clock, name);

    private async Task RefreshAsync(Slices[] nodes, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var node in nodes)
            {
                await node.RefreshAsync(Ct);
            }

            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }
}

public sealed class SlicesTestsOnSqlite() : SlicesTests(DbEngine.Sqlite);

public sealed class SlicesTestsOnPostgres() : SlicesTests(DbEngine.Postgres);

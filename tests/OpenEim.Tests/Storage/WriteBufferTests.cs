using Microsoft.Extensions.Time.Testing;
using OpenEim.Storage;

namespace OpenEim.Tests.Storage;

/// <summary>Writes in batches, on a clock that the test turns.</summary>
public sealed class WriteBufferTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly Database _database;
    private readonly List<int> _batches = [];
    private readonly LastError _log = new();
    private TaskCompletionSource _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _fail;

    public WriteBufferTests()
    {
        _database = Database.Open(_folder.File("data.db"));
        _database.Upgrade(SchemaScripts.Items);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Only_the_latest_value_of_each_key_is_written_when_the_interval_ends()
    {
        await using var buffer = NewBuffer();
        buffer.Set(1, "first");
        buffer.Set(1, "second");
        buffer.Set(2, "other");
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Empty(await ItemsAsync());
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _flushed.Task.WaitAsync(Ct);
        await buffer.FlushAsync();

        Assert.Equal(["1 second", "2 other"], await ItemsAsync());
        Assert.Equal([2], _batches);
        Assert.Equal(0, buffer.Count);
    }

    [Fact]
    public async Task Disposal_writes_what_waits()
    {
        var buffer = NewBuffer();
        buffer.Set(1, "last words");
        await buffer.DisposeAsync();

        Assert.Equal(["1 last words"], await ItemsAsync());
        Assert.Throws<ObjectDisposedException>(() => buffer.Set(2, "too late"));
    }

    [Fact]
    public async Task Values_of_a_failed_flush_are_kept_and_written_by_the_next()
    {
        await using var buffer = NewBuffer();
        _fail = true;
        buffer.Set(1, "patient");
        await Assert.ThrowsAsync<InvalidDataException>(buffer.FlushAsync);
        Assert.Equal(1, buffer.Count);

        _fail = false;
        buffer.Set(2, "new");
        _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await _flushed.Task.WaitAsync(Ct);
        await buffer.FlushAsync();
        Assert.Equal(["1 patient", "2 new"], await ItemsAsync());
    }

    [Fact]
    public async Task A_flush_that_fails_in_the_background_is_logged()
    {
        await using var buffer = NewBuffer();
        _fail = true;
        buffer.Set(1, "patient");
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("the disk said no", (await _log.Error.WaitAsync(Ct)).Message);
        Assert.Equal(1, buffer.Count);
        _fail = false;
    }

    [Fact]
    public async Task A_value_set_while_its_key_is_being_written_is_written_next()
    {
        WriteBuffer<long, string>? self = null;
        await using var buffer = self = NewBuffer(() => self!.Set(1, "newer"));
        buffer.Set(1, "older");
        await buffer.FlushAsync();
        Assert.Equal(["1 older"], await ItemsAsync());
        Assert.True(buffer.TryGet(1, out var waiting));
        Assert.Equal("newer", waiting);

        await buffer.FlushAsync();
        Assert.Equal(["1 newer"], await ItemsAsync());
    }

    [Fact]
    public async Task A_value_that_is_being_written_can_still_be_got()
    {
        WriteBuffer<long, string>? self = null;
        var seen = "";
        await using var buffer = self = NewBuffer(() => Assert.True(self!.TryGet(1, out seen!)));
        buffer.Set(1, "on its way");
        await buffer.FlushAsync();
        Assert.Equal("on its way", seen);
        Assert.False(buffer.TryGet(1, out _));
    }

    [Fact]
    public async Task What_a_failed_flush_had_written_is_not_written_again_nor_a_newer_value_lost()
    {
        WriteBuffer<long, string>? self = null;
        await using var buffer = self = NewBuffer(() =>
        {
            self!.Set(9_000, "newer");
            _fail = true;
        });
        for (var id = 0; id < 10_000; id++)
        {
            buffer.Set(id, "x");
        }

        await Assert.ThrowsAsync<InvalidDataException>(buffer.FlushAsync);
        Assert.Equal(1_808, buffer.Count);
        _fail = false;
        await buffer.FlushAsync();
        Assert.Equal([8192, 1808], _batches);
        Assert.Contains("9000 newer", await ItemsAsync());
    }

    [Fact]
    public async Task Many_keys_are_written_in_bounded_batches()
    {
        await using var buffer = NewBuffer();
        for (var id = 0; id < 10_000; id++)
        {
            buffer.Set(id, "x");
        }

        await buffer.FlushAsync();
        Assert.Equal([8192, 1808], _batches);
        Assert.Equal(10_000, (await ItemsAsync()).Count);
    }

    [Fact]
    public async Task Many_keys_are_gathered_for_a_minute()
    {
        await using var buffer = NewBuffer();
        for (var id = 0; id < 5000; id++)
        {
            buffer.Set(id, "x");
        }

        _clock.Advance(TimeSpan.FromSeconds(55));
        Assert.Empty(await ItemsAsync());
        Assert.Equal(5000, buffer.Count);

        _clock.Advance(TimeSpan.FromSeconds(5));
        await _flushed.Task.WaitAsync(Ct);
        await buffer.FlushAsync();
        Assert.Equal(5000, (await ItemsAsync()).Count);
    }

    [Fact]
    public async Task More_than_memory_should_hold_are_not_gathered()
    {
        await using var buffer = NewBuffer(many: 20_000);
        for (var id = 0; id < 20_000; id++)
        {
            buffer.Set(id, "x");
        }

        _clock.Advance(TimeSpan.FromSeconds(5));
        await _flushed.Task.WaitAsync(Ct);
        await buffer.FlushAsync();
        Assert.Equal(0, buffer.Count);
        Assert.Equal([8192, 8192, 3616], _batches);
    }

    private WriteBuffer<long, string> NewBuffer(Action? whileWriting = null, int many = int.MaxValue) => new(
        _database,
        TimeSpan.FromSeconds(5),
        _clock,
        async (session, pairs) =>
        {
            if (_fail)
            {
                throw new InvalidDataException("the disk said no");
            }

            _batches.Add(pairs.Count);
            await session.ExecuteAsync(
                "INSERT INTO item (id, name) VALUES (@Key, @Value) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                pairs);
            whileWriting?.Invoke();
            _flushed.TrySetResult();
        },
        _log,
        many);

    private ValueTask<IReadOnlyList<string>> ItemsAsync() =>
        _database.ReadAsync(session => session.QueryAsync<string>("SELECT id || ' ' || name FROM item ORDER BY id"), Ct);

    private sealed class LastError : ILogger
    {
        private readonly TaskCompletionSource<Exception> _error = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Exception> Error => _error.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _error.TrySetResult(exception!);
    }
}

using OpenEim.Hosting.Listeners;
using OpenEim.Hosting.Settings;
using OpenEim.Hosting.Telemetry;
using OpenEim.Storage;

namespace OpenEim.Hosting.Running;

/// <summary>What every host is made of while it runs: its log, its telemetry, and its parts in the order in which they were opened. Several may run in one process.</summary>
public sealed class RunningHost : IAsyncDisposable
{
    private readonly CommonOptions _options;
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly List<Listener> _listeners = [];
    private Readiness? _readiness;

    /// <summary>Opens the log and the telemetry.</summary>
    /// <param name="service">The program, as traces and metrics name it.</param>
    /// <param name="options">How it is watched and how it stops.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="logging">Where the log goes.</param>
    public RunningHost(string service, CommonOptions options, TimeProvider? time, Action<ILoggingBuilder>? logging)
    {
        _options = options;
        Time = time ?? TimeProvider.System;
        Loggers = Own(LoggerFactory.Create(builder =>
        {
            // With this category on, the framework makes an activity and a scope for each request, the idle poll's too. Ours do both
            // where they are worth it. An operator who sets it in the configuration gets it back.
            builder.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
            logging?.Invoke(builder);
        }));
        Telemetry = Own(new HostTelemetry(service));
    }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The log.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>What is counted and traced.</summary>
    public HostTelemetry Telemetry { get; }

    /// <summary>The order to stop.</summary>
    public Shutdown Shutdown { get; } = new();

    /// <summary>Whether requests should come.</summary>
    /// <exception cref="InvalidOperationException">There is no database yet, so nobody is served.</exception>
    public Readiness Readiness => _readiness ?? throw new InvalidOperationException("the host has no database yet");

    /// <summary>Closes the part when the host ends, before all that was opened earlier.</summary>
    public T Own<T>(T part)
        where T : class
    {
        _parts.Add(part switch
        {
            IAsyncDisposable own => own,
            IDisposable own => new Closing(own),
            _ => throw new ArgumentException($"{typeof(T).Name} cannot be closed", nameof(part)),
        });
        return part;
    }

    /// <summary>The host's database: readiness asks it, and it is closed when the host ends.</summary>
    public Database Own(Database database)
    {
        _readiness = new Readiness(database, Shutdown, Time, Loggers.CreateLogger<Readiness>());
        return Own<Database>(database);
    }

    /// <summary>Begins work that happens without a request, again and again.</summary>
    public void StartLoop(string name, TimeSpan interval, Func<CancellationToken, Task> work) =>
        Own(new BackgroundLoop(name, interval, work, Time, Loggers.CreateLogger<BackgroundLoop>()));

    /// <summary>Takes a listener's address; nobody is served there yet.</summary>
    /// <exception cref="SetupException">It cannot be had.</exception>
    public BoundAddress Bind(Uri url) => Own(BoundAddress.Bind(url));

    /// <summary>The application serves the address once <see cref="ServeAsync"/> is called.</summary>
    public void Add(BoundAddress address, WebApplication app) => _listeners.Add(Own(new Listener(address, app)));

    /// <summary>Serves, now that all is put together.</summary>
    /// <exception cref="SetupException">An address cannot be had.</exception>
    public async Task ServeAsync(CancellationToken ct)
    {
        foreach (var listener in _listeners)
        {
            await listener.ServeAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Drains, then stops: <c>/health/ready</c> says no at once; requests are served for another <see cref="CommonOptions.ShutdownDelay"/>,
    /// their connections ending with the answer; then the listeners close, what has begun ends within
    /// <see cref="CommonOptions.ShutdownTimeout"/>, and what was kept in memory is written.
    /// </summary>
    public async Task StopAsync()
    {
        Shutdown.Begin();
        await Task.Delay(_options.ShutdownDelay, Time).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops at once, but in order: the listeners first, then what they used is flushed and closed.</summary>
    public async ValueTask DisposeAsync()
    {
        Shutdown.Begin();
        await Task.WhenAll(_listeners.Select(listener => listener.StopAsync(_options.ShutdownTimeout))).ConfigureAwait(false);
        for (var i = _parts.Count - 1; i >= 0; i--)
        {
            await _parts[i].DisposeAsync().ConfigureAwait(false);
        }

        _parts.Clear();
        _listeners.Clear();
    }

    /// <summary>Lets what closes at once stand in one list with what closes in its own time.</summary>
    private sealed class Closing(IDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Lets the requests that have begun end, for a while, before the listener is closed.</summary>
    private sealed class Listener(BoundAddress address, WebApplication app) : IAsyncDisposable
    {
        public async Task ServeAsync(CancellationToken ct)
        {
            address.Listen();
            await app.StartAsync(ct).ConfigureAwait(false);
        }

        public async Task StopAsync(TimeSpan timeout)
        {
            using var patience = new CancellationTokenSource(timeout);
            try
            {
                await app.StopAsync(patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested)
            {
                // What has not ended by now is cut off with its connection.
            }
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }
}

using System.Net;
using System.Net.Sockets;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Protocol.Security;
using OpenEim.Smdp.Telemetry;
using OpenEim.Storage;

namespace OpenEim.Smdp;

/// <summary>What the listeners of one host share.</summary>
internal sealed record HostParts(ILoggerFactory Loggers, HostTelemetry Telemetry, Shutdown Shutdown, Readiness Readiness);

/// <summary>How it is watched and how it stops.</summary>
public sealed partial class SmdpHost
{
    private readonly Shutdown _shutdown = new();
    private HostParts _shared = null!;
    private TimeProvider _time = TimeProvider.System;

    /// <summary>Where Prometheus reads <c>/metrics</c>, the real port included; null when it does not.</summary>
    public Uri? MetricsUrl { get; private set; }

    /// <summary>
    /// Drains, then stops: <c>/health/ready</c> says no at once; requests are served for another <see cref="SmdpOptions.ShutdownDelay"/>,
    /// their connections ending with the answer; then the listeners close, and what has begun ends within
    /// <see cref="SmdpOptions.ShutdownTimeout"/>.
    /// </summary>
    public async Task StopAsync()
    {
        _shutdown.Begin();
        await Task.Delay(Options.ShutdownDelay, _time).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops at once, but in order: the listeners first, then what they used is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        _shutdown.Begin();
        await Task.WhenAll(_parts.OfType<Listener>().Select(listener => listener.StopAsync(Options.ShutdownTimeout))).ConfigureAwait(false);
        for (var i = _parts.Count - 1; i >= 0; i--)
        {
            await _parts[i].DisposeAsync().ConfigureAwait(false);
        }

        _parts.Clear();
        Pki?.Dispose();
    }

    private ILoggerFactory OpenLog(Action<ILoggingBuilder>? logging, TimeProvider time)
    {
        var loggers = LoggerFactory.Create(builder =>
        {
            // With this category on, the framework makes an activity and a scope for each request; ours do both. Whoever sets it in his
            // configuration gets it back.
            builder.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
            logging?.Invoke(builder);
        });
        _parts.Add(new Closing(loggers));
        var telemetry = HostTelemetry.Open(Options);
        _parts.Add(new Closing(telemetry));
        _shared = new HostParts(loggers, telemetry, _shutdown, new Readiness(_shutdown, time, loggers.CreateLogger<Readiness>()));
        return loggers;
    }

    private async Task StartMetricsAsync(Database database, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        if (_shared.Telemetry.Metrics is not { } metrics)
        {
            return;
        }

        var backlog = new Backlog(database, _shared.Telemetry.Functions);
        _parts.Add(new BackgroundWork("Measuring the backlog", Backlog.Interval, backlog.MeasureAsync, time, loggers.CreateLogger<BackgroundWork>()));
        if (Options.MetricsUrl is { } url)
        {
            var app = RspListener.Build("metrics", url, Pki.DpTls!, null, _shared, null);
            app.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, null, "/metrics", null, null);
            MetricsUrl = await ListenAsync(app, url, ct).ConfigureAwait(false);
        }
    }

    private void WatchRevocations(RspTrust trust, TimeProvider time, ILoggerFactory loggers)
    {
        if (Options.Crl is null && Options.Quarantine is null)
        {
            return;
        }

        var watch = RevocationWatch.Open(
            Options.Crl, Options.Quarantine, trust, _shared.Telemetry.Meters, SmdpTelemetry.Name, time, loggers.CreateLogger<RevocationWatch>());
        _parts.Add(new Closing(watch));
        _parts.Add(new BackgroundWork("Watching revocations", RevocationWatch.Interval, watch.RunOnceAsync, time, loggers.CreateLogger<BackgroundWork>()));
    }

    private async Task<Uri> ListenAsync(WebApplication app, Uri url, CancellationToken ct)
    {
        _parts.Add(new Listener(app));
        try
        {
            TryListen(new IPEndPoint(SmdpOptions.AddressOf(url), url.Port));
            await app.StartAsync(ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new SetupException($"{url} cannot be listened on: {e.Message}", e);
        }

        return new Uri(app.Urls.First());
    }

    /// <summary>Kestrel would write a stack trace into the log before it says that a port is taken.</summary>
    private static void TryListen(IPEndPoint address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(address);
        socket.Listen();
    }

    /// <summary>Lets the requests that have begun end, for a while, before the listener is closed.</summary>
    private sealed class Listener(WebApplication app) : IAsyncDisposable
    {
        private bool _hasStopped;

        public async Task StopAsync(TimeSpan timeout)
        {
            if (_hasStopped)
            {
                return;
            }

            _hasStopped = true;
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

using System.Net;
using System.Net.Sockets;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Manager.Telemetry;
using OpenEim.Protocol.Security;
using OpenEim.Storage;

namespace OpenEim.Server;

/// <summary>How it is watched and how it stops.</summary>
public sealed partial class EimHost
{
    private readonly Shutdown _shutdown = new();
    private HostParts _shared = null!;
    private TimeProvider _time = TimeProvider.System;

    /// <summary>Where Prometheus reads <c>/metrics</c>, the real port included; null when it does not.</summary>
    public Uri? MetricsUrl { get; private set; }

    /// <summary>
    /// Drains, then stops: <c>/health/ready</c> says no at once; requests are served for another <see cref="ServerOptions.ShutdownDelay"/>,
    /// their connections ending with the answer; then the listeners close, what has begun ends within
    /// <see cref="ServerOptions.ShutdownTimeout"/>, and what was kept in memory is written.
    /// </summary>
    public async Task StopAsync()
    {
        _shutdown.Begin();
        await Task.Delay(Options.ShutdownDelay, _time).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Stops at once, but in order: the listeners first, then what they used is flushed and closed.</summary>
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

    private ILoggerFactory OpenLog(Action<ILoggingBuilder>? logging)
    {
        var loggers = LoggerFactory.Create(builder =>
        {
            // With this category on, the framework makes an activity and a scope for each request, the idle poll's too. Ours do both
            // where they are worth it. Whoever sets it in his configuration gets it back.
            builder.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
            logging?.Invoke(builder);
        });
        _parts.Add(new Closing(loggers));
        var telemetry = Telemetry.Open(Options);
        _parts.Add(new Closing(telemetry));
        _shared = new HostParts(loggers, telemetry, _shutdown);
        return loggers;
    }

    private async Task StartMetricsAsync(Database database, TimeProvider time, ILoggerFactory loggers, CancellationToken ct)
    {
        if (_shared.Telemetry.Metrics is not { } metrics)
        {
            return;
        }

        StartLoop("Measuring the backlog", Backlog.Interval, new Backlog(database, _shared.Telemetry.Eim, time).MeasureAsync, time, loggers);
        if (Options.MetricsUrl is { } url)
        {
            var listener = new HostListener("metrics", url, url.Scheme == Uri.UriSchemeHttps ? TlsCertificate(Pki.EimTls!) : null, MaxBodyBytes: 0) { IsTraced = false };
            var app = listener.CreateBuilder(_shared).Build();
            listener.UseFirst(app, _shared);
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
            Options.Crl, Options.Quarantine, trust, _shared.Telemetry.Meters, EimTelemetry.Name, time, loggers.CreateLogger<RevocationWatch>());
        _parts.Add(new Closing(watch));
        StartLoop("Watching revocations", RevocationWatch.Interval, watch.RunOnceAsync, time, loggers);
    }

    /// <summary>A token that another start has left is moved aside: its database may come back.</summary>
    private void HandOver(string token)
    {
        if (DataFolder.WritePrivateBeside(ApplicationTokenPath, token + "\n") is { } aside)
        {
            LogTokenMoved(_shared.Loggers.CreateLogger<EimHost>(), ApplicationTokenPath, aside);
        }
    }

    private async Task<Uri> ListenAsync(WebApplication app, Uri url, CancellationToken ct)
    {
        _parts.Add(new Listener(app));
        try
        {
            TryListen(new IPEndPoint(ServerOptions.AddressOf(url), url.Port));
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} was there already, of another database; it is now {Aside}")]
    private static partial void LogTokenMoved(ILogger logger, string path, string aside);

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

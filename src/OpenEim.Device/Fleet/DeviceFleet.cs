using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Device.Fleet;

/// <summary>Many virtual devices that poll on their own.</summary>
public sealed class DeviceFleet : IDisposable
{
    // An eIM that does not know a device is asked less and less, down to once in this many pauses.
    private const int MaxBackOff = 32;

    private readonly FleetOptions _options;
    private readonly EimConnections? _connections;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<Eid, VirtualDevice> _byEid;

    private DeviceFleet(FleetOptions options, TimeProvider time, ILogger logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _connections = options.ShareConnections ? new EimConnections(time) : null;
        var factory = new DeviceFactory(options, _connections, time, logger);
        var devices = new VirtualDevice?[options.Count];
        try
        {
            Parallel.For(0, options.Count, index => devices[index] = factory.Make(index));
        }
        catch (AggregateException e)
        {
            // All fail for the same reason; the caller wants that one.
            Array.ForEach(devices, device => device?.Dispose());
            _connections?.Dispose();
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        Devices = devices!;
        _byEid = Devices.ToDictionary(device => device.Eid);
    }

    /// <summary>The devices, in the order of their EIDs.</summary>
    public IReadOnlyList<VirtualDevice> Devices { get; }

    /// <summary>Makes the devices, or takes those that are in the folder. Nothing polls yet.</summary>
    /// <exception cref="Protocol.ProtocolException">The PKI cannot make the cards, or the eIM configuration is malformed.</exception>
    /// <exception cref="ArgumentException">A card refuses its profiles or its eIM.</exception>
    public static DeviceFleet Create(FleetOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggers);
        return new DeviceFleet(options, time, loggers.CreateLogger<DeviceFleet>());
    }

    /// <summary>The device with an EID, or null.</summary>
    public VirtualDevice? Find(Eid eid) => _byEid.GetValueOrDefault(eid);

    /// <summary>Lets every device poll until cancelled; cancelling is the ordinary end and no error.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(_options.MaxConcurrency);
        FleetLog.Running(_logger, Devices.Count, _options.PollInterval.TotalSeconds);
        try
        {
            await Task.WhenAll(Devices.Select(device => RunAsync(device, slots, cancellationToken))).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            FleetLog.Stopped(_logger);
        }
    }

    /// <summary>Takes the power from every device and closes all connections. Folders stay.</summary>
    public void Dispose()
    {
        foreach (var device in Devices)
        {
            device.Dispose();
        }

        _connections?.Dispose();
    }

    private async Task RunAsync(VirtualDevice device, SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        var backOff = 1;

        // The first polls are spread over one pause, so that a fleet does not arrive in one moment.
        var spread = _options.Jitter > 0 ? Random.Shared.NextDouble() : 0;
        await Task.Delay(_options.PollInterval * spread, _time, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var report = await device.PollOnceAsync(cancellationToken).ConfigureAwait(false);
                backOff = report.Outcome == PollOutcome.Refused ? Math.Min(2 * backOff, MaxBackOff) : 1;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One broken device, a spoilt file say, must not stop the others; the log has all of it.
                FleetLog.DeviceFailed(_logger, device.Eid, e);
                backOff = Math.Min(2 * backOff, MaxBackOff);
            }
            finally
            {
                slots.Release();
            }

            await Task.Delay(Pause() * backOff, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan Pause() => _options.PollInterval * (1 + (_options.Jitter * ((2 * Random.Shared.NextDouble()) - 1)));
}

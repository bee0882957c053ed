using System.Diagnostics.Metrics;
using OpenEim.Manager.Telemetry;

namespace OpenEim.Tests.Packages;

/// <summary>Counts the signatures and certificate chains that one eIM checks.</summary>
internal sealed class VerificationCount : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public VerificationCount(EimTelemetry telemetry)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "openeim.verifications" && ReferenceEquals(instrument.Meter.Scope, telemetry.Scope))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, measurement, _, _) => Interlocked.Add(ref _count, measurement));
        _listener.Start();
    }

    public long Value => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}

using System.Diagnostics.Metrics;

namespace OpenEim.Server.Esipa;

/// <summary>Counts what ESipa refuses to do for strangers.</summary>
internal sealed class EsipaTelemetry
{
    private readonly Counter<long> _refused;
    private readonly Counter<long> _unlogged;

    public EsipaTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _refused = meter.CreateCounter<long>("openeim.esipa.refused", "{refusal}", "Requests and connections of devices that a limit refused");
        _unlogged = meter.CreateCounter<long>("openeim.esipa.warnings.left_out", "{line}", "Warnings about an address that were counted and not logged");
    }

    /// <summary>The name of the meter.</summary>
    public const string Name = "OpenEim.Server";

    /// <summary>A limit refuses: network, connections, device or address.</summary>
    public void Refused(string limit) => _refused.Add(1, new KeyValuePair<string, object?>("limit", limit));

    /// <summary>A warning is left out.</summary>
    public void LeftOut() => _unlogged.Add(1);
}

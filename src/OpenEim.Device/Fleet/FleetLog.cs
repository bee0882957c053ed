using Microsoft.Extensions.Logging;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Device.Fleet;

/// <summary>What a fleet tells of its devices.</summary>
internal static partial class FleetLog
{
    [LoggerMessage(101, LogLevel.Debug, "{Eid}: card manufactured")]
    public static partial void Manufactured(ILogger logger, Eid eid);

    [LoggerMessage(102, LogLevel.Warning, "{Eid}: the device has lost its power")]
    public static partial void PowerLost(ILogger logger, Eid eid);

    [LoggerMessage(103, LogLevel.Information, "{Count} virtual devices poll every {Seconds} s")]
    public static partial void Running(ILogger logger, int count, double seconds);

    [LoggerMessage(104, LogLevel.Information, "The virtual devices have stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(105, LogLevel.Error, "{Eid}: the device failed; it tries again later")]
    public static partial void DeviceFailed(ILogger logger, Eid eid, Exception exception);
}

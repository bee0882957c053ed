using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Running;

namespace OpenEim.Server;

/// <summary>How it is watched and how it stops.</summary>
public sealed partial class EimHost
{
    /// <summary>Drains, then stops: <see cref="RunningHost.StopAsync"/>.</summary>
    public Task StopAsync() => _host.StopAsync();

    /// <summary>Stops at once, but in order: the listeners first, then what they used is flushed and closed.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>A token that another start has left is moved aside: its database may come back.</summary>
    private void HandOver(string token)
    {
        if (DataFolder.WritePrivateBeside(ApplicationTokenPath, token + "\n") is { } aside)
        {
            LogTokenMoved(_host.Loggers.CreateLogger<EimHost>(), ApplicationTokenPath, aside);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} was there already, of another database; it is now {Aside}")]
    private static partial void LogTokenMoved(ILogger logger, string path, string aside);
}

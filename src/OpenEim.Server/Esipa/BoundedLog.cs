using System.Net;

namespace OpenEim.Server.Esipa;

/// <summary>Loggers for what devices cause: one address gets ten warnings at once and one a second for long, the rest are counted and left out.</summary>
/// <remarks>Nobody signs in to ESipa. Without a bound a stranger could fill the disk with warnings about requests that are refused.</remarks>
internal sealed class BoundedLog(ILoggerFactory inner, EsipaLimits limits, Action leftOut) : ILoggerFactory
{
    private static readonly AsyncLocal<IPAddress?> Source = new();

    /// <summary>From here on, in this request, warnings are about the address.</summary>
    public static void Begin(IPAddress? address) => Source.Value = address;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(inner.CreateLogger(categoryName), this);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <summary>The loggers that it hands on are not its own.</summary>
    public void Dispose()
    {
    }

    private bool Passes(LogLevel level)
    {
        if (level != LogLevel.Warning || Source.Value is not { } address || limits.IsWorthALine(address))
        {
            return true;
        }

        leftOut();
        return false;
    }

    private sealed class Logger(ILogger inner, BoundedLog owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (inner.IsEnabled(logLevel) && owner.Passes(logLevel))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}

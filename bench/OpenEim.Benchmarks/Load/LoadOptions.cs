using System.CommandLine;

namespace OpenEim.Benchmarks.Load;

/// <summary>What every load has: how many connections, for how long, how fast, and how TLS is checked.</summary>
internal sealed record LoadOptions(int Connections, TimeSpan Duration, double? Rate, TimeSpan Timeout, string? Roots, bool IsInsecure)
{
    private static readonly Option<int> ConnectionsOption = new("--connections")
    {
        Description = "How many requests may be under way at once, each on a connection of its own that is kept.",
        DefaultValueFactory = _ => 16,
    };

    private static readonly Option<double> DurationOption = new("--duration") { Description = "For how many seconds.", DefaultValueFactory = _ => 30 };

    private static readonly Option<double?> RateOption = new("--rate")
    {
        Description = "Requests per second. Each has its time to be sent, and its latency counts from then, so that a server that falls behind shows. Without: each connection sends as soon as it has its answer.",
    };

    private static readonly Option<double> TimeoutOption = new("--timeout") { Description = "After how many seconds a request counts as lost.", DefaultValueFactory = _ => 10 };
    private static readonly Option<string?> RootsOption = new("--ca") { Description = "A PEM file with the roots that the server's certificate may lead to (default: the system's)." };
    private static readonly Option<bool> InsecureOption = new("--insecure") { Description = "Takes any certificate." };

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[ConnectionsOption, DurationOption, RateOption, TimeoutOption, RootsOption, InsecureOption])
        {
            command.Add(option);
        }
    }

    /// <exception cref="LoadException">A number makes no sense.</exception>
    public static LoadOptions Read(ParseResult arguments)
    {
        var options = new LoadOptions(
            arguments.GetValue(ConnectionsOption),
            TimeSpan.FromSeconds(arguments.GetValue(DurationOption)),
            arguments.GetValue(RateOption),
            TimeSpan.FromSeconds(arguments.GetValue(TimeoutOption)),
            arguments.GetValue(RootsOption),
            arguments.GetValue(InsecureOption));
        return options is { Connections: > 0, Duration.Ticks: > 0, Rate: null or > 0, Timeout.Ticks: > 0 }
            ? options
            : throw new LoadException("--connections, --duration, --rate and --timeout must be more than 0.");
    }
}

/// <summary>A load cannot be started as it was asked for; the message says why.</summary>
internal sealed class LoadException : Exception
{
    public LoadException(string message)
        : base(message)
    {
    }

    public LoadException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public LoadException()
    {
    }
}

namespace OpenEim.Tests.Cluster;

/// <summary>Of what a <see cref="Site"/> is made.</summary>
/// <param name="Devices">How many devices.</param>
/// <param name="Stock">How many profiles the SM-DP+ has.</param>
internal sealed record SiteSetup(int Devices, int Stock)
{
    /// <summary>Nodes of the eIM. More than one need a database of their own kind and a balancer.</summary>
    public int EimNodes { get; init; } = 1;

    /// <summary>Nodes of the SM-DP+.</summary>
    public int SmdpNodes { get; init; } = 1;

    /// <summary>Whether everybody comes through HAProxy; otherwise straight to the only node.</summary>
    public bool Balanced { get; init; }

    /// <summary>Where devices find the eIM, if not where their cards say; it may be plain HTTP. They then make no first contact by themselves.</summary>
    public Uri? EsipaDetour { get; init; }

    /// <summary>The eIM's PostgreSQL database; null for a SQLite file.</summary>
    public string? EimDatabase { get; init; }

    /// <summary>The SM-DP+'s PostgreSQL database; null for a SQLite file.</summary>
    public string? SmdpDatabase { get; init; }
}

/// <summary>Who listens where: the ports of the nodes, and those that everybody knows.</summary>
internal sealed class Topology
{
    private readonly SiteSetup _setup;

    public Topology(SiteSetup setup)
    {
        _setup = setup;
        (Apis, Esipas, Callbacks) = (Ports(setup.EimNodes), Ports(setup.EimNodes), Ports(setup.EimNodes));
        (Es9s, Es2s) = (Ports(setup.SmdpNodes), Ports(setup.SmdpNodes));
        (Api, Esipa, Callback, Es9, Es2) = (Front(Apis), Front(Esipas), Front(Callbacks), Front(Es9s), Front(Es2s));
    }

    public IReadOnlyList<int> Apis { get; }

    public IReadOnlyList<int> Esipas { get; }

    public IReadOnlyList<int> Callbacks { get; }

    public IReadOnlyList<int> Es9s { get; }

    public IReadOnlyList<int> Es2s { get; }

    public int Api { get; }

    public int Esipa { get; }

    public int Callback { get; }

    public int Es9 { get; }

    public int Es2 { get; }

    /// <summary>The SM-DP+'s address in activation codes.</summary>
    public string SmdpAddress => $"127.0.0.1:{Es9}";

    public IReadOnlyList<string> EimArguments(int node) =>
    [
        "--api-url", $"http://127.0.0.1:{Apis[node]}",
        "--esipa-url", $"https://127.0.0.1:{Esipas[node]}",
        "--esipa-host", $"127.0.0.1:{Esipa}",
        "--es2-callback-url", $"http://127.0.0.1:{Callbacks[node]}",
        "--es2plus-url", $"http://127.0.0.1:{Es2}",
    ];

    public IReadOnlyList<string> SmdpArguments(int node) =>
    [
        "--es9plus-url", $"https://127.0.0.1:{Es9s[node]}",
        "--es2plus-url", $"http://127.0.0.1:{Es2s[node]}",
        "--host", SmdpAddress,
        "--progress-url", $"http://127.0.0.1:{Callback}",
    ];

    /// <summary>What the balancer serves, by the names in the documented configuration.</summary>
    /// <param name="esipaPem">Certificate and key of ESipa.</param>
    /// <param name="es9Pem">Certificate and key of ES9+.</param>
    public IReadOnlyDictionary<string, BalancedService> Services(string esipaPem, string es9Pem) => new Dictionary<string, BalancedService>
    {
        ["api"] = new(Api, Apis),
        ["esipa"] = new(Esipa, Esipas, Apis, esipaPem),
        ["es9plus"] = new(Es9, Es9s, null, es9Pem),
        ["es2plus"] = new(Es2, Es2s, Es9s),
        ["progress"] = new(Callback, Callbacks, Apis),
    };

    private int Front(IReadOnlyList<int> nodes) => _setup.Balanced ? NodeProcess.FreePort() : nodes[0];

    private static IReadOnlyList<int> Ports(int count) => [.. Enumerable.Range(0, count).Select(_ => NodeProcess.FreePort())];
}

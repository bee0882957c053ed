namespace OpenEim.Smdp;

/// <summary>The addresses that this SM-DP+ answers to, compared without regard to case (SGP.22 5.6.1).</summary>
internal sealed class SmdpAddresses
{
    private const int HttpsPort = 443;

    private readonly Dictionary<string, string> _accepted = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="hosts">Names with or without a port; none for the listener's own.</param>
    /// <param name="listener">Where ES9+ listens, the real port included.</param>
    public SmdpAddresses(IReadOnlyList<string> hosts, Uri listener)
    {
        foreach (var host in hosts.Count > 0 ? hosts : [listener.Host])
        {
            // A device states what stands in its activation code, and some leave the port out of it.
            var address = HasPort(host) || listener.Port == HttpsPort ? host : $"{host}:{listener.Port}";
            Primary ??= address;
            _accepted.TryAdd(address, address);
            _accepted.TryAdd(host, host);
        }
    }

    /// <summary>The address in activation codes and in the metadata of profiles.</summary>
    public string Primary { get; } = null!;

    /// <summary>Whether a text of the options is a host with or without a port.</summary>
    public static bool IsHost(string text) =>
        !HasPort(text) || (Uri.TryCreate("https://" + text, UriKind.Absolute, out var url) && url.PathAndQuery == "/" && url.UserInfo.Length == 0);

    /// <summary>The host of such a text, for a certificate.</summary>
    public static string HostOf(string text) => HasPort(text) ? new Uri("https://" + text).DnsSafeHost : text.Trim('[', ']');

    /// <summary>The address as this SM-DP+ writes it; null when it is another's.</summary>
    public string? Find(string address) => _accepted.GetValueOrDefault(address);

    private static bool HasPort(string text) => Uri.CheckHostName(text) == UriHostNameType.Unknown;
}

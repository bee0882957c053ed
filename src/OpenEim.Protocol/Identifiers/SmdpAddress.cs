using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OpenEim.Protocol.Identifiers;

/// <summary>Where an SM-DP+ is reached: a host name or IP address, with a port where it is not 443. Letter case does not count.</summary>
public readonly record struct SmdpAddress
{
    private readonly string? _host;
    private readonly int? _port;

    private SmdpAddress(string host, int? port) => (_host, _port) = (host, port);

    /// <summary>The host in lower case, an IPv6 address in brackets.</summary>
    public string Host => _host ?? throw new InvalidOperationException("the address was never set");

    /// <summary>The port; 443 where none is given.</summary>
    public int Port => _port ?? 443;

    /// <summary>Reads <c>host</c> or <c>host:port</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SmdpAddress address)
    {
        address = default;
        if (text is not { Length: > 0 and <= 255 })
        {
            return false;
        }

        var colon = text.LastIndexOf(':');
        var hasPort = colon > text.LastIndexOf(']');
        var host = hasPort ? text[..colon] : text;
        var port = 0;
        if (hasPort && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535))
        {
            return false;
        }

        var kind = Uri.CheckHostName(host);
        if (kind == UriHostNameType.Unknown || (kind == UriHostNameType.IPv6 && host[0] != '['))
        {
            return false;
        }

        address = new SmdpAddress(host.ToLowerInvariant(), hasPort && port != 443 ? port : null);
        return true;
    }

    /// <summary>Whether both name the same SM-DP+: by host, and by port where both state one. Certificates and signed addresses often leave the port out.</summary>
    public bool IsSameServerAs(SmdpAddress other) => Host == other.Host && (_port is null || other._port is null || _port == other._port);

    /// <summary>The host, and the port where it is not 443.</summary>
    public override string ToString() => _port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{Host}:{port}") : Host;
}

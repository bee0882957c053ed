using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace OpenEim.Protocol.Identifiers;

/// <summary>Where an SM-DP+ is reached: a host name or a canonical IP address, with a port where it is not 443. Letter case does not count.</summary>
/// <remarks>
/// An IP address has one form only, so that a list of allowed hosts cannot be passed by another spelling: <c>127.1</c>, <c>0x7f000001</c> and
/// <c>2130706433</c> are refused, as are names that end in a number or a dot, and an IPv4 address in IPv6's form.
/// Names outside ASCII are written in their <c>xn--</c> form.
/// </remarks>
public readonly record struct SmdpAddress
{
    private const int MaxHostLength = 253;
    private const int MaxLabelLength = 63;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

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

        host = host.ToLowerInvariant();
        if (!(host is ['[', ..] ? IsCanonicalIPv6(host) : IsHostName(host) || IsCanonicalIPv4(host)))
        {
            return false;
        }

        address = new SmdpAddress(host, hasPort && port != 443 ? port : null);
        return true;
    }

    /// <summary>Whether both name the same SM-DP+: by host, and by port where both state one. Certificates and signed addresses often leave the port out.</summary>
    public bool IsSameServerAs(SmdpAddress other) => Host == other.Host && (_port is null || other._port is null || _port == other._port);

    /// <summary>The host, and the port where it is not 443.</summary>
    public override string ToString() => _port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{Host}:{port}") : Host;

    /// <summary>RFC 1123: letters, digits and hyphens. A last label that is a number would be read as an IPv4 address by many libraries.</summary>
    private static bool IsHostName(string host)
    {
        if (host.Length is 0 or > MaxHostLength)
        {
            return false;
        }

        var labels = host.Split('.');
        return labels.All(IsLabel) && !IsNumber(labels[^1]);
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabelLength && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static bool IsNumber(string label) =>
        label.All(char.IsAsciiDigit) || (label.StartsWith("0x", StringComparison.Ordinal) && label.AsSpan(2).IndexOfAnyExcept(HexDigits) < 0);

    private static bool IsCanonicalIPv4(string host) =>
        !host.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(host, out var address) && address.ToString() == host;

    private static bool IsCanonicalIPv6(string host) =>
        host[^1] == ']'
        && host.Contains(':', StringComparison.Ordinal)
        && IPAddress.TryParse(host[1..^1], out var address)
        && !address.IsIPv4MappedToIPv6
        && $"[{address}]" == host;
}

using System.Diagnostics.CodeAnalysis;

namespace OpenEim.Server;

/// <summary>A host as devices name it, with a port where it was given.</summary>
internal sealed record EsipaAddress(string Host, int? Port)
{
    /// <summary>Reads <c>host</c>, <c>host:port</c> or <c>[v6]:port</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out EsipaAddress? address)
    {
        address = null;
        if (Uri.CheckHostName(text) != UriHostNameType.Unknown)
        {
            address = new EsipaAddress(text, null);
        }
        else if (Uri.TryCreate("https://" + text, UriKind.Absolute, out var url)
            && url.PathAndQuery == "/" && url.UserInfo.Length == 0 && url.HostNameType != UriHostNameType.Unknown
            && url.Authority == text)
        {
            address = new EsipaAddress(url.DnsSafeHost, url.IsDefaultPort ? null : url.Port);
        }
        else if (text.EndsWith(":443", StringComparison.Ordinal) && Uri.CheckHostName(text[..^4]) != UriHostNameType.Unknown)
        {
            // The URL parser drops a default port.
            address = new EsipaAddress(text[..^4], 443);
        }

        return address is not null;
    }

    /// <summary>As it stands in the eIM's configuration data: the port only where it is not 443.</summary>
    public string ToFqdn(int listenerPort)
    {
        var port = Port ?? listenerPort;
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return port == 443 ? host : $"{host}:{port}";
    }
}

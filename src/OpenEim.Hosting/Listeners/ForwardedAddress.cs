using Microsoft.AspNetCore.HttpOverrides;

namespace OpenEim.Hosting.Listeners;

/// <summary>Whose X-Forwarded headers are believed: those of the operator's own proxies.</summary>
public static class ForwardedAddress
{
    /// <summary>Believes them, as many hops as are trusted: the first address that is not one of the proxies is the client's.</summary>
    /// <param name="app">The listener.</param>
    /// <param name="proxies">Networks in CIDR notation; none: nobody is believed.</param>
    /// <param name="headers">What is believed.</param>
    public static void Use(IApplicationBuilder app, IReadOnlyList<string> proxies, ForwardedHeaders headers)
    {
        ArgumentNullException.ThrowIfNull(proxies);
        if (proxies.Count == 0)
        {
            return;
        }

        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = headers, ForwardLimit = null };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
        }

        app.UseForwardedHeaders(forwarded);
    }
}

using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace OpenEim.Hosting.Listeners;

/// <summary>Decides which connections a listener keeps, before TLS and before a byte is read.</summary>
/// <param name="networks">Where connections may come from; empty for anywhere.</param>
/// <param name="perAddress">How many one address may hold; 0 for any number.</param>
/// <param name="refused">Told why a connection is closed.</param>
public sealed class ConnectionGate(IReadOnlyList<IPNetwork> networks, int perAddress, Action<string> refused)
{
    private readonly ConcurrentDictionary<long, int> _held = new();

    /// <summary>Serves the connection, or closes it at once.</summary>
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (networks.Count > 0 && !SourceAddress.IsIn(address, networks))
        {
            refused("network");
            connection.Abort();
            return;
        }

        var source = SourceAddress.Network(address);
        if (perAddress > 0 && _held.AddOrUpdate(source, 1, static (_, held) => held + 1) > perAddress)
        {
            Release(source);
            refused("connections");
            connection.Abort();
            return;
        }

        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            if (perAddress > 0)
            {
                Release(source);
            }
        }
    }

    /// <summary>An address that holds none is forgotten, so that the table is never larger than the number of connections.</summary>
    private void Release(long source)
    {
        while (_held.TryGetValue(source, out var held))
        {
            if (held > 1 ? _held.TryUpdate(source, held - 1, held) : _held.TryRemove(new KeyValuePair<long, int>(source, held)))
            {
                return;
            }
        }
    }
}

using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Server.Esipa;

/// <summary>
/// Which EID a connection has polled for last: IPAs of SGP.32 v1.0 leave the EID out of their results. It proves nothing; it finds the row
/// whose key the signatures are checked with. One for each connection, and one object more when a connection changes its EID.
/// </summary>
internal sealed class LastPoll
{
    private static readonly object Key = new();

    // A reference, so that it is read whole while another request of the same connection changes it.
    private volatile Told? _told;

    /// <summary>Gives a new connection its own.</summary>
    public static void Begin(ConnectionContext connection) => connection.Items[Key] = new LastPoll();

    /// <summary>Takes note of a poll. It allocates only when the connection's EID changes.</summary>
    public static void Remember(HttpContext context, Eid eid)
    {
        if (Of(context) is { } last && last._told?.Eid != eid)
        {
            last._told = new Told(eid);
        }
    }

    /// <summary>The EID; null when the connection has not polled.</summary>
    public static Eid? EidOf(HttpContext context) => Of(context)?._told?.Eid;

    private static LastPoll? Of(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>() is { } connection && connection.Items.TryGetValue(Key, out var last) ? last as LastPoll : null;

    private sealed record Told(Eid Eid);
}

using Microsoft.AspNetCore.Connections.Features;

namespace OpenEim.Hosting.Running;

/// <summary>The order to stop, as every listener sees it: from then on connections end with the answer that they carry.</summary>
public sealed class Shutdown
{
    private volatile bool _hasBegun;

    public bool HasBegun => _hasBegun;

    public void Begin() => _hasBegun = true;

    /// <summary>Tells the caller to come with another connection next time, which a balancer sends elsewhere.</summary>
    public void Announce(HttpContext context)
    {
        if (!_hasBegun)
        {
            return;
        }

        if (HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }
        else
        {
            context.Response.Headers.Connection = "close";
        }
    }
}

using System.Text.Json.Nodes;
using OpenEim.Hosting.Running;

namespace OpenEim.Server.Api;

/// <summary>GET /health/live: the process answers. GET /health/ready: it can do its work, or 503 with the reason why not.</summary>
internal static class HealthResource
{
    public static void Map(WebApplication app, Readiness readiness)
    {
        app.MapGet("/health/live", () => Results.Text("live")).WithMetadata(new OpenToAll());
        app.MapGet("/health/ready", async (HttpContext context) =>
        {
            var reason = await readiness.ReasonAgainstAsync(context.RequestAborted);
            var (status, body) = reason is null
                ? (StatusCodes.Status200OK, new JsonObject { ["status"] = "ready" })
                : (StatusCodes.Status503ServiceUnavailable, new JsonObject { ["status"] = "unavailable", ["reason"] = reason });
            await Answer.Of(status, body).WriteAsync(context);
        }).WithMetadata(new OpenToAll());
    }
}

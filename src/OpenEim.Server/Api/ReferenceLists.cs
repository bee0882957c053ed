using OpenEim.Manager.Queries;

namespace OpenEim.Server.Api;

/// <summary>The four lists of ids and descriptions.</summary>
internal static class ReferenceLists
{
    public static void Map(WebApplication app)
    {
        Map(app, "/api/v1/euicc/status", Descriptions.EuiccStatus);
        Map(app, "/api/v1/euicc/profile/status", Descriptions.ProfileStatus);
        Map(app, "/api/v1/euicc/operation/action", Descriptions.Action);
        Map(app, "/api/v1/euicc/operation/status", Descriptions.OperationStatus);
    }

    private static void Map(WebApplication app, string path, IReadOnlyDictionary<int, string> descriptions) => app.MapGet(
        path,
        (HttpContext context) => JsonBody.WriteAsync(
            context, [.. descriptions.Keys.Select(id => DescribedJson.Of(id, descriptions))], JsonBody.Shapes.DescribedJsonArray));
}

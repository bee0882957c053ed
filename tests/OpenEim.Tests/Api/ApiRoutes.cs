using OpenEim.Server.Api;

namespace OpenEim.Tests.Api;

/// <summary>A route as the application itself lists it.</summary>
internal sealed record Route(string Method, string Pattern, bool IsOpen, bool IsIdempotent)
{
    public string Name => $"{Method} {Pattern}";

    public bool IsRead => Method == "GET" || Name == "POST /api/v1/euicc/unlinked_validation";

    /// <summary>The path with ids in the places of its parameters.</summary>
    public string PathFor(string id, string operation, string iccid) => Pattern
        .Replace("{id}", id, StringComparison.Ordinal)
        .Replace("{operation}", operation, StringComparison.Ordinal)
        .Replace("{iccid}", iccid, StringComparison.Ordinal);
}

/// <summary>All routes of the REST API, and a body for each that takes one.</summary>
internal static class ApiRoutes
{
    /// <summary>What a route takes, so that nothing but the caller can be the reason of a refusal.</summary>
    public static IReadOnlyDictionary<string, string> Bodies { get; } = new Dictionary<string, string>
    {
        ["POST /api/v1/application_token"] = "{}",
        ["PATCH /api/v1/application_token/{id}"] = """{"status":{"id":1}}""",
        ["POST /api/v1/euicc"] = """{"eid":"89049032000000000000000000000777"}""",
        ["PATCH /api/v1/euicc/{id}"] = """{"name":"mine"}""",
        ["POST /api/v1/euicc/unlinked_validation"] = $$"""{"target":[{"eid":"{{ApiHost.EidOf(1)}}"}]}""",
        ["POST /api/v1/euicc/operation"] = """{"action":{"id":1},"target":[{"euicc":{"id":1}}]}""",
        ["POST /api/v1/euicc/{id}/operation"] = """[{"action":{"id":1}}]""",
        ["POST /api/v1/profile"] = """{"profile_type":"iot"}""",
        ["PATCH /api/v1/profile/{iccid}"] = """{"confirm":true}""",
    };

    public static IReadOnlyList<Route> Of(ApiHost api) => [.. api.Eim.ApiEndpoints.OfType<RouteEndpoint>().SelectMany(endpoint =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => new Route(
            method,
            endpoint.RoutePattern.RawText!,
            endpoint.Metadata.GetMetadata<OpenToAll>() is not null,
            endpoint.Metadata.GetMetadata<TakesIdempotencyKey>() is not null)))];
}

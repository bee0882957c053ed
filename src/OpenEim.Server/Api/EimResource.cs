using System.Text.Json.Nodes;
using OpenEim.Manager.Exchanges;

namespace OpenEim.Server.Api;

/// <summary>GET /api/v1/eim: who this eIM is, and what a factory loads into a card so that it obeys.</summary>
internal static class EimResource
{
    public static void Map(WebApplication app, EimIdentity identity)
    {
        app.MapGet("/api/v1/eim", (HttpContext context) => JsonBody.WriteAsync(context, ToJson(identity)));
        app.MapGet("/api/v1/eim/initial_configuration", (HttpContext _) => Results.Bytes(identity.AddInitialEim(), "application/octet-stream"));
    }

    private static JsonObject ToJson(EimIdentity identity)
    {
        var configuration = identity.InitialConfiguration();
        var request = identity.AddInitialEim();
        return new JsonObject
        {
            ["eim_id"] = identity.EimId,
            ["address"] = identity.Fqdn,
            ["initial_configuration"] = new JsonObject
            {
                ["eim_id"] = configuration.EimId,
                ["eim_fqdn"] = configuration.EimFqdn,
                ["eim_id_type"] = (int?)configuration.EimIdType,
                ["counter_value"] = configuration.CounterValue,
                ["eim_certificate"] = Base64(configuration.EimPublicKeyData?.Certificate),
                ["eim_public_key"] = Base64(configuration.EimPublicKeyData?.PublicKey),
                ["trusted_tls_public_key"] = Base64(configuration.TrustedPublicKeyDataTls?.PublicKey),
            },
            ["add_initial_eim"] = new JsonObject
            {
                ["base64"] = Convert.ToBase64String(request),
                ["hex"] = Convert.ToHexString(request),
            },
        };
    }

    private static string? Base64(ReadOnlyMemory<byte>? der) => der is { } present ? Convert.ToBase64String(present.Span) : null;
}

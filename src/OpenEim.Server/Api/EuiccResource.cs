using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Queries;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Server.Api;

/// <summary>GET and POST /api/v1/euicc, GET /api/v1/euicc/{id}.</summary>
internal static class EuiccResource
{
    private const int MaxRegistrations = 10_000;

    public static void Map(WebApplication app, EuiccDirectory directory, string eimId)
    {
        JsonNode ToJson(EuiccDirectoryEntry entry) => EuiccJson(entry, eimId);
        app.MapGet("/api/v1/euicc", async (HttpContext context) =>
        {
            var query = context.Request.Query;
            var page = await directory.ListAsync(
                context.Caller().OrganisationId, query["q"], query["sort"], JsonBody.PageOf(context.Request), context.RequestAborted);
            await JsonBody.WriteListAsync(context, page, ToJson);
        });
        app.MapGet("/api/v1/euicc/{id}", async (HttpContext context, string id) =>
        {
            var entry = TryId(id) is { } number
                ? await directory.FindAsync(context.Caller().OrganisationId, number, context.RequestAborted)
                : null;
            await JsonBody.WriteAsync(context, ToJson(entry ?? throw Missing(id)));
        });
        app.MapPost("/api/v1/euicc", async (HttpContext context) =>
        {
            var body = await JsonBody.ReadAsync(context);
            var entries = await RegisterAsync(directory, context, ReadRegistrations(body));
            context.Response.StatusCode = StatusCodes.Status201Created;
            context.Response.Headers.Link = string.Join(
                ", ", entries.Select(entry => $"<{JsonBody.Absolute(context.Request, $"/api/v1/euicc/{entry.Id}")}>; rel=\"item\""));
            await JsonBody.WriteAsync(
                context, body.ValueKind == JsonValueKind.Array ? new JsonArray([.. entries.Select(ToJson)]) : ToJson(entries[0]));
        });
    }

    public static long? TryId(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static ApiException Missing(string id) => ApiException.NotFound($"eUICC with id {id} not found");

    private static async Task<IReadOnlyList<EuiccDirectoryEntry>> RegisterAsync(
        EuiccDirectory directory, HttpContext context, IReadOnlyList<EuiccRegistration> registrations)
    {
        try
        {
            return await directory.RegisterAsync(context.Caller().OrganisationId, registrations, null, context.RequestAborted);
        }
        catch (EuiccRegisteredException e)
        {
            throw ApiException.Conflict($"{string.Join(", ", e.Indexes.Select(index => $"[{index}].eid"))}: already registered");
        }
    }

    private static List<EuiccRegistration> ReadRegistrations(JsonElement body)
    {
        JsonElement[] elements = body.ValueKind switch
        {
            JsonValueKind.Object => [body],
            JsonValueKind.Array => [.. body.EnumerateArray()],
            _ => throw ApiException.BadRequest("The body must be one eUICC or an array of them"),
        };
        if (elements.Length is 0 or > MaxRegistrations)
        {
            throw ApiException.BadRequest($"The array must hold 1 to {MaxRegistrations} eUICCs");
        }

        var errors = new List<FieldError>();
        var registrations = new List<EuiccRegistration>();
        var seen = new HashSet<Eid>();
        for (var i = 0; i < elements.Length; i++)
        {
            if (ReadRegistration(new FieldReader(elements[i], i, errors)) is { } registration)
            {
                registrations.Add(registration);
                if (!seen.Add(registration.Eid))
                {
                    errors.Add(FieldError.InvalidReference($"[{i}].eid occurs twice in this request"));
                }
            }
        }

        return errors.Count == 0 ? registrations : throw ApiException.Invalid(errors);
    }

    private static EuiccRegistration? ReadRegistration(FieldReader fields)
    {
        var text = fields.RequiredText("eid");
        if (text is not null && !Eid.TryParse(text, out _))
        {
            fields.Fail(FieldError.InvalidFormat, "eid", "must have 32 decimal digits");
        }

        var name = fields.OptionalText("name", 255);
        var type = fields.OptionalDescribedId("supported_profile_type") ?? Descriptions.IotProfileType;
        if (!Descriptions.SupportedProfileType.ContainsKey(type))
        {
            fields.Fail(FieldError.InvalidReference, "supported_profile_type", "is not known");
        }

        return Eid.TryParse(text, out var eid)
            ? new EuiccRegistration { Eid = eid, Name = name, SupportedProfileType = type, AssociationToken = fields.OptionalNumber("association_token") }
            : null;
    }

    private static JsonObject EuiccJson(EuiccDirectoryEntry entry, string eimId)
    {
        var json = new JsonObject
        {
            ["id"] = entry.Id,
            ["eid"] = entry.Eid.ToString(),
            ["created"] = JsonBody.Date(entry.Created),
            ["profile"] = new JsonArray([.. entry.Profiles.Select(ToJson)]),
        };
        if (entry.CustomerOrganisation is { } customer)
        {
            json["customer_org"] = new JsonObject { ["id"] = customer.Id, ["name"] = customer.Name };
        }

        json["supported_profile_type"] = JsonBody.Described(entry.SupportedProfileType, Descriptions.SupportedProfileType);
        json["status"] = JsonBody.Described(entry.Status, Descriptions.EuiccStatus);
        json["last_audited"] = JsonBody.DateOrNull(entry.LastAudited);
        json["last_polled"] = JsonBody.DateOrNull(entry.LastPolled);
        json["last_synced"] = JsonBody.DateOrNull(entry.LastSynced);
        json["eim"] = new JsonObject { ["id"] = EuiccDirectory.EimNumber, ["description"] = eimId };
        return json;
    }

    private static JsonNode ToJson(EuiccProfile profile) => new JsonObject
    {
        ["iccid_with_luhn"] = profile.Iccid,
        ["status"] = JsonBody.Described((int)profile.Status, Descriptions.ProfileStatus),
        ["customer_org"] = null,
        ["name"] = profile.Name,
        ["operator"] = profile.OperatorName is { } name ? new JsonObject { ["id"] = null, ["name"] = name } : null,
        ["preloaded"] = profile.Preloaded,
        ["fallback_allowed"] = profile.FallbackAllowed,
        ["fallback_attribute"] = profile.FallbackAttribute,
        ["profile_type"] = profile.ProfileClass is { } type ? JsonBody.Described(type, Descriptions.ProfileClass) : null,
        ["endpoint"] = null,
    };
}

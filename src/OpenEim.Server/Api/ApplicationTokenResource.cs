using System.Globalization;
using System.Text.Json.Nodes;
using OpenEim.Manager.Organisations;
using OpenEim.Manager.Queries;

namespace OpenEim.Server.Api;

/// <summary>POST and GET /api/v1/application_token, PATCH of one: for administrators.</summary>
internal static class ApplicationTokenResource
{
    private const string Collection = "/api/v1/application_token";

    private static readonly SortedDictionary<int, string> Statuses = new() { [0] = "Activated", [1] = "Revoked" };

    public static void Map(WebApplication app, ApplicationTokens tokens)
    {
        app.MapPost(Collection, async (HttpContext context) =>
        {
            var caller = Administrator(context);
            var request = Read(await JsonBody.ReadAsync(context));
            var issued = await tokens.CreateAsync(caller.OrganisationId, caller.MemberId, request, context.RequestAborted);
            await JsonBody.WriteAsync(context, new JsonObject { ["application_token"] = issued.Token });
        });
        app.MapGet(Collection, async (HttpContext context) =>
        {
            var caller = Administrator(context);
            var asked = JsonBody.PageOf(context.Request);
            var found = await tokens.ListAsync(caller.OrganisationId, (int)Math.Min(asked.Skip, int.MaxValue), asked.Size, context.RequestAborted);
            await JsonBody.WriteListAsync(context, new Page<ApplicationToken>(found.Items, asked.Within(found.Total), found.Total), ToJson);
        });
        app.MapPatch(Collection + "/{id}", async (HttpContext context, string id) =>
        {
            var caller = Administrator(context);
            var errors = new List<FieldError>();
            var status = new FieldReader(await JsonBody.ReadAsync(context), 0, errors).OptionalDescribedId("status");
            if (errors.Count > 0 || status != (int)ApplicationTokenStatus.Revoked)
            {
                throw ApiException.Invalid([FieldError.NotAllowed("status must be {\"id\":1}: a token can only be revoked")]);
            }

            if (EuiccResource.TryId(id) is not { } number || !await tokens.RevokeAsync(caller.OrganisationId, number, context.RequestAborted))
            {
                throw ApiException.NotFound($"Application token with id {id} not found");
            }

            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }

    private static Caller Administrator(HttpContext context) => context.Caller() is { Role: Role.Administrator } caller
        ? caller
        : throw ApiException.Forbidden("Only an Administrator manages application tokens");

    private static NewApplicationToken Read(System.Text.Json.JsonElement body)
    {
        var errors = new List<FieldError>();
        var fields = new FieldReader(body, 0, errors);
        var description = fields.OptionalText("description", 255);
        DateTimeOffset? expiry = null;
        if (fields.OptionalText("expiry_date", 64) is { } date)
        {
            if (DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            {
                expiry = parsed;
            }
            else
            {
                fields.Fail(FieldError.InvalidFormat, "expiry_date", "is not a date such as 2027-01-31T00:00:00.000Z");
            }
        }

        AddressRange? range = null;
        if (fields.OptionalText("ip", 64) is { } ip && !AddressRange.TryParse(ip, out range))
        {
            fields.Fail(FieldError.InvalidFormat, "ip", "is not a network such as 192.0.2.0/24");
        }

        return errors.Count == 0
            ? new NewApplicationToken { Description = description, ExpiryDate = expiry, Ip = range }
            : throw ApiException.Invalid(errors);
    }

    private static JsonNode ToJson(ApplicationToken token) => new JsonObject
    {
        ["id"] = token.Id,
        ["description"] = token.Description,
        ["created"] = JsonBody.Date(token.Created),
        ["status"] = JsonBody.Described((int)token.Status, Statuses),
        ["expiry_date"] = JsonBody.DateOrNull(token.ExpiryDate),
        ["ip"] = token.Ip,
        ["creator"] = new JsonObject { ["id"] = token.CreatorId, ["name"] = token.CreatorName },
    };
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenEim.Manager.Organisations;

namespace OpenEim.Server.Api;

/// <summary>POST and GET /api/v1/application_token, PATCH of one: for administrators.</summary>
internal static class ApplicationTokenResource
{
    private const string Collection = "/api/v1/application_token";

    private static readonly AdministratorsOnly Administrators = new("manages application tokens");

    public static void Map(WebApplication app, IdempotentPosts posts, ApplicationTokens tokens, TimeProvider time)
    {
        posts.Map(app, Collection, (context, body, keep) => CreateAsync(context, tokens, Read(body, time.GetUtcNow()), keep)).WithMetadata(Administrators);
        app.MapGet(Collection, async (HttpContext context) =>
        {
            var caller = context.Caller();
            var query = context.Request.Query;
            var page = await tokens.ListAsync(
                caller.OrganisationId, query["q"], query["sort"], JsonBody.PageOf(context.Request), context.RequestAborted);
            await JsonBody.WriteListAsync(context, page, ApplicationTokenJson.Of, JsonBody.Shapes.ApplicationTokenJsonArray);
        }).WithMetadata(Administrators);
        app.MapPatch(Collection + "/{id}", async (HttpContext context, string id) =>
        {
            var caller = context.Caller();
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
        }).WithMetadata(Administrators);
    }

    private static async Task<Answer> CreateAsync(HttpContext context, ApplicationTokens tokens, NewApplicationToken token, KeepAnswer keep)
    {
        var caller = context.Caller();
        Answer? answer = null;
        await tokens.CreateAsync(
            caller.OrganisationId,
            caller.MemberId,
            token,
            async (session, issued) =>
            {
                answer = Answer.Of(StatusCodes.Status200OK, new JsonObject { ["application_token"] = issued.Token });
                await keep(session, answer);
            },
            context.RequestAborted);
        return answer!;
    }

    private static NewApplicationToken Read(JsonElement body, DateTimeOffset now)
    {
        var errors = new List<FieldError>();
        var fields = new FieldReader(body, 0, errors);
        var description = fields.OptionalText("description", 255);
        DateTimeOffset? expiry = null;
        if (fields.OptionalText("expiry_date", 64) is { } date)
        {
            if (!DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            {
                fields.Fail(FieldError.InvalidFormat, "expiry_date", "is not a date such as 2027-01-31T00:00:00.000Z");
            }
            else if (parsed <= now)
            {
                fields.Fail(FieldError.NotAllowed, "expiry_date", "is in the past");
            }

            expiry = parsed;
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
}

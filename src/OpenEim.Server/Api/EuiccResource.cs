using System.Text.Json;
using Microsoft.Net.Http.Headers;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Queries;

namespace OpenEim.Server.Api;

/// <summary>GET and POST /api/v1/euicc, GET, PATCH and DELETE of one, POST /api/v1/euicc/unlinked_validation.</summary>
internal static class EuiccResource
{
    private const string Collection = "/api/v1/euicc";
    private const int MaxLinks = 100; // more of them make a header that clients refuse

    public static void Map(WebApplication app, ApiServices services)
    {
        var directory = services.Euiccs;
        var eimId = services.Identity.EimId;
        app.MapGet(Collection, async (HttpContext context) =>
        {
            var query = context.Request.Query;
            var page = await directory.ListAsync(
                context.Caller().Lists, query["q"], query["sort"], JsonBody.PageOf(context.Request), context.RequestAborted);
            await JsonBody.WriteListAsync(context, page, entry => EuiccJson.Of(entry, eimId), JsonBody.Shapes.EuiccJsonArray);
        });
        app.MapGet(Collection + "/{id}", async (HttpContext context, string id) =>
        {
            var entry = TryId(id) is { } number
                ? await directory.FindAsync(context.Caller().OrganisationId, number, context.RequestAborted)
                : null;
            await JsonBody.WriteAsync(context, EuiccJson.Of(entry ?? throw Missing(id), eimId), JsonBody.Shapes.EuiccJson);
        });
        services.Posts.Map(app, Collection, (context, body, keep) => RegisterAsync(context, services, body, keep));
        services.Posts.Map(app, Collection + "/unlinked_validation", (context, body, _) => FindLinkedAsync(context, directory, body))
            .WithMetadata(new ReadsOnly());
        app.MapPatch(Collection + "/{id}", async (HttpContext context, string id) =>
        {
            var change = RegistrationReader.ReadChange(await JsonBody.ReadAsync(context));
            var outcome = TryId(id) is { } number
                ? await services.EuiccRecords.ChangeAsync(context.Caller().OrganisationId, number, change, context.RequestAborted)
                : EuiccChangeOutcome.NotFound;
            Conclude(context, id, outcome, "its supported_profile_type cannot change");
        });
        app.MapDelete(Collection + "/{id}", async (HttpContext context, string id) =>
        {
            var outcome = TryId(id) is { } number
                ? await services.EuiccRecords.RemoveAsync(context.Caller().OrganisationId, number, context.RequestAborted)
                : EuiccChangeOutcome.NotFound;
            Conclude(context, id, outcome, "cancel them, or wait for their end, before it is removed");
        });
    }

    /// <summary>The id in a path; clients whose ids are floating-point numbers write <c>1.0</c>.</summary>
    public static long? TryId(string text) => WholeNumber.TryParse(text, out var number) && number > 0 ? number : null;

    public static ApiException Missing(string id) => ApiException.NotFound($"eUICC with id {id} not found");

    private static void Conclude(HttpContext context, string id, EuiccChangeOutcome outcome, string consequence) =>
        context.Response.StatusCode = outcome switch
        {
            EuiccChangeOutcome.Done => StatusCodes.Status204NoContent,
            EuiccChangeOutcome.NotFound => throw Missing(id),
            _ => throw ApiException.Conflict($"Operations are scheduled on the eUICC with id {id}: {consequence}"),
        };

    private static async Task<Answer> RegisterAsync(HttpContext context, ApiServices services, JsonElement body, KeepAnswer keep)
    {
        Answer? answer = null;
        try
        {
            await services.Euiccs.RegisterAsync(
                context.Caller().OrganisationId,
                services.Registrations.Read(body),
                async (session, entries) =>
                {
                    answer = Registered(context, entries, services.Identity.EimId, body.ValueKind == JsonValueKind.Array);
                    await keep(session, answer);
                },
                context.RequestAborted);
            return answer!;
        }
        catch (EuiccRegisteredException e)
        {
            throw ApiException.Conflict($"{string.Join(", ", e.Indexes.Select(index => $"[{index}].eid"))}: already registered");
        }
    }

    private static Answer Registered(HttpContext context, IReadOnlyList<EuiccDirectoryEntry> entries, string eimId, bool isArray)
    {
        var headers = new Dictionary<string, string>();
        var urls = entries.Take(MaxLinks + 1).Select(entry => JsonBody.Absolute(context.Request, $"{Collection}/{entry.Id}")).ToList();
        if (urls.Count <= MaxLinks)
        {
            headers[HeaderNames.Link] = string.Join(", ", urls.Select(url => $"<{url}>; rel=\"item\""));
        }

        if (!isArray)
        {
            headers[HeaderNames.Location] = urls[0];
        }

        var answer = isArray
            ? Answer.Of(StatusCodes.Status201Created, [.. entries.Select(entry => EuiccJson.Of(entry, eimId))], JsonBody.Shapes.EuiccJsonArray)
            : Answer.Of(StatusCodes.Status201Created, EuiccJson.Of(entries[0], eimId), JsonBody.Shapes.EuiccJson);
        return answer with { Headers = headers };
    }

    private static async Task<Answer> FindLinkedAsync(HttpContext context, EuiccDirectory directory, JsonElement body)
    {
        var eids = RegistrationReader.ReadTargets(body);
        var linked = await directory.FindLinkedAsync(context.Caller().OrganisationId, eids, context.RequestAborted);
        return Answer.Of(
            StatusCodes.Status200OK, [.. eids.Where(linked.Contains).Select(eid => new EidJson(eid.ToString()))], JsonBody.Shapes.EidJsonArray);
    }
}

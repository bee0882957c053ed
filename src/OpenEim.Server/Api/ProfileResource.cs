using System.Text.Json;
using Microsoft.Net.Http.Headers;
using OpenEim.Manager.Organisations;
using OpenEim.Manager.Stock;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Server.Api;

/// <summary>GET and POST /api/v1/profile, GET, PATCH and DELETE of one: profiles ordered from an SM-DP+ and not yet, or already, on an eUICC.</summary>
internal static class ProfileResource
{
    private const string Collection = "/api/v1/profile";

    public static void Map(WebApplication app, IdempotentPosts posts, StockBook book, StockOrders orders)
    {
        app.MapGet(Collection, async (HttpContext context) =>
        {
            var query = context.Request.Query;
            var page = await book.ListAsync(
                context.Caller().Lists, query["q"], query["sort"], JsonBody.PageOf(context.Request), context.RequestAborted);
            await JsonBody.WriteListAsync(context, page, StockProfileJson.Of, JsonBody.Shapes.StockProfileJsonArray);
        });
        app.MapGet(Collection + "/{iccid}", async (HttpContext context, string iccid) =>
        {
            var caller = context.Caller();
            var entry = await book.FindAsync(caller.OrganisationId, Named(iccid), context.RequestAborted) ?? throw Missing(iccid);

            // Whoever has the code can take the profile, so those who may only read do not get it.
            var shown = caller.Role == Role.Observer ? entry with { ActivationCode = null } : entry;
            await JsonBody.WriteAsync(context, StockProfileJson.Of(shown), JsonBody.Shapes.StockProfileJson);
        });
        posts.Map(app, Collection, (context, body, keep) => GuardedAsync(() => OrderAsync(context, orders, body, keep)));
        app.MapPatch(Collection + "/{iccid}", async (HttpContext context, string iccid) =>
        {
            var body = await JsonBody.ReadAsync(context);
            var answer = await GuardedAsync(() => LinkAsync(context, orders, iccid, body));
            await answer.WriteAsync(context);
        });
        app.MapDelete(Collection + "/{iccid}", async (HttpContext context, string iccid) =>
        {
            await GuardedAsync(async () =>
            {
                await orders.CancelAsync(context.Caller().OrganisationId, Named(iccid), context.RequestAborted);
                return true;
            });
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }

    private static async Task<Answer> OrderAsync(HttpContext context, StockOrders orders, JsonElement body, KeepAnswer keep)
    {
        var order = ReadOrder(body) with { Name = IdempotentPosts.NameOf(context) };
        Answer? answer = null;
        await orders.OrderAsync(
            context.Caller().OrganisationId,
            order,
            async (session, entry) =>
            {
                answer = Answer.Of(StatusCodes.Status201Created, StockProfileJson.Of(entry), JsonBody.Shapes.StockProfileJson) with
                {
                    Headers = new Dictionary<string, string>
                    {
                        [HeaderNames.Location] = JsonBody.Absolute(context.Request, $"{Collection}/{entry.Iccid}"),
                    },
                };
                await keep(session, answer);
            },
            context.RequestAborted);
        return answer!;
    }

    private static async Task<Answer> LinkAsync(HttpContext context, StockOrders orders, string iccid, JsonElement body)
    {
        var errors = new List<FieldError>();
        var fields = new FieldReader(body, 0, errors);
        var (eid, id) = ReadEuicc(fields);
        if (eid is null && id is null && fields.OptionalFlag("confirm") != true && errors.Count == 0)
        {
            fields.Fail(FieldError.Required, "euicc", "or eid is required, or confirm: true");
        }

        ThrowIfAny(errors);
        var entry = await orders.LinkAsync(context.Caller().OrganisationId, Named(iccid), eid, id, context.RequestAborted);
        return Answer.Of(StatusCodes.Status200OK, StockProfileJson.Of(entry), JsonBody.Shapes.StockProfileJson);
    }

    private static StockOrder ReadOrder(JsonElement body)
    {
        var errors = new List<FieldError>();
        var fields = new FieldReader(body, 0, errors);
        var type = fields.OptionalText("profile_type", 255);
        var iccid = fields.OptionalIccid("iccid_with_luhn");
        if (iccid is null && type is null && errors.Count == 0)
        {
            fields.Fail(FieldError.Required, "profile_type", "or iccid_with_luhn is required");
        }

        var (eid, id) = ReadEuicc(fields);
        var confirm = fields.OptionalFlag("confirm") ?? true;
        ThrowIfAny(errors);
        return new StockOrder(type, iccid, eid, id, confirm);
    }

    private static (Eid? Eid, long? Id) ReadEuicc(FieldReader fields)
    {
        Eid? eid = null;
        if (fields.OptionalText("eid", 32) is { } text)
        {
            if (Eid.TryParse(text, out var parsed))
            {
                eid = parsed;
            }
            else
            {
                fields.Fail(FieldError.InvalidFormat, "eid", "must have 32 digits");
            }
        }

        var id = fields.OptionalObject("euicc")?.OptionalNumber("id");
        if (eid is not null && id is not null)
        {
            fields.Fail(FieldError.NotAllowed, "euicc", "and eid exclude each other");
        }

        return (eid, id);
    }

    private static void ThrowIfAny(List<FieldError> errors)
    {
        if (errors.Count > 0)
        {
            throw ApiException.Invalid(errors);
        }
    }

    private static async Task<T> GuardedAsync<T>(Func<Task<T>> run)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (StockException e)
        {
            throw e.Problem switch
            {
                StockProblem.NotFound => ApiException.NotFound(e.Message),
                StockProblem.UnknownEuicc => ApiException.Invalid([FieldError.InvalidReference($"euicc or eid {e.Message}")]),
                StockProblem.NotConfigured => ApiException.Invalid([FieldError.NotAllowed(e.Message)]),
                StockProblem.Unavailable => new ApiException(StatusCodes.Status502BadGateway, 1502, "SmdpUnavailable", e.Message),
                _ => ApiException.Conflict(e.Message),
            };
        }
    }

    /// <summary>As it is stored; an ICCID may be written in several ways.</summary>
    private static string Named(string iccid) => Iccid.TryParse(iccid, out var parsed) ? parsed.ToString() : throw Missing(iccid);

    private static ApiException Missing(string iccid) => ApiException.NotFound($"Profile {iccid} not found");
}

using System.Text.Json;
using Microsoft.Net.Http.Headers;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Server.Api;

/// <summary>POST and GET /api/v1/euicc/{id}/operation, GET and DELETE of one.</summary>
internal static class OperationResource
{
    private const string Collection = "/api/v1/euicc/{id}/operation";

    public static void Map(WebApplication app, IdempotentPosts posts, OperationBook book)
    {
        posts.Map(app, Collection, (context, body, keep) => ScheduleAsync(context, book, body, keep));
        app.MapGet(Collection, async (HttpContext context, string id) =>
        {
            var query = context.Request.Query;
            var page = EuiccResource.TryId(id) is { } euicc
                ? await book.ListAsync(context.Caller().Lists, euicc, query["q"], query["sort"], JsonBody.PageOf(context.Request), context.RequestAborted)
                : null;
            await JsonBody.WriteListAsync(context, page ?? throw EuiccResource.Missing(id), OperationJson.Of, JsonBody.Shapes.OperationJsonArray);
        });
        app.MapGet(Collection + "/{operation}", async (HttpContext context, string id, string operation) =>
        {
            var entry = EuiccResource.TryId(id) is { } euicc && Guid.TryParseExact(operation, "D", out var uuid)
                ? await book.FindAsync(context.Caller().OrganisationId, euicc, uuid, context.RequestAborted)
                : null;
            await JsonBody.WriteAsync(context, OperationJson.Of(entry ?? throw MissingOperation(operation)), JsonBody.Shapes.OperationJson);
        });
        app.MapDelete(Collection + "/{operation}", async (HttpContext context, string id, string operation) =>
        {
            if (EuiccResource.TryId(id) is not { } euicc || !Guid.TryParseExact(operation, "D", out var uuid))
            {
                throw MissingOperation(operation);
            }

            await CancelAsync(context, book, euicc, uuid);
        });
    }

    private static async Task<Answer> ScheduleAsync(HttpContext context, OperationBook book, JsonElement body, KeepAnswer keep)
    {
        var caller = context.Caller();
        var id = context.Request.RouteValues["id"]!.ToString()!;
        var operations = NewOperationReader.Read(body);
        Answer? answer = null;
        if (EuiccResource.TryId(id) is { } euicc)
        {
            await book.ScheduleAsync(
                caller.OrganisationId,
                euicc,
                new OperationCreator(caller.MemberId, caller.MemberName),
                operations,
                async (session, entries) =>
                {
                    answer = Scheduled(context, euicc, entries);
                    await keep(session, answer);
                },
                context.RequestAborted);
        }

        return answer ?? throw EuiccResource.Missing(id);
    }

    private static Answer Scheduled(HttpContext context, long euicc, IReadOnlyList<OperationBookEntry> entries)
    {
        var links = entries.Select(entry => $"<{JsonBody.Absolute(context.Request, $"/api/v1/euicc/{euicc}/operation/{entry.Id}")}>; rel=\"item\"");
        return Answer.Of(StatusCodes.Status201Created, [.. entries.Select(OperationJson.Scheduled)], JsonBody.Shapes.OperationJsonArray) with
        {
            Headers = new Dictionary<string, string> { [HeaderNames.Link] = string.Join(", ", links) },
        };
    }

    private static async Task CancelAsync(HttpContext context, OperationBook book, long euicc, Guid operation)
    {
        var result = await book.CancelAsync(context.Caller().OrganisationId, euicc, operation, context.RequestAborted);
        context.Response.StatusCode = result.Outcome switch
        {
            CancelOutcome.Canceled => StatusCodes.Status204NoContent,
            CancelOutcome.NotFound => throw MissingOperation(operation.ToString()),
            CancelOutcome.Delivered => throw ApiException.Conflict("The operation was delivered to the device and awaits its result"),
            _ => throw ApiException.Conflict($"The operation is {result.Status}"),
        };
    }

    private static ApiException MissingOperation(string id) => ApiException.NotFound($"Operation with id {id} not found");
}

/// <summary>Reads and validates the array of operations: all or nothing.</summary>
internal static class NewOperationReader
{
    private const int MaxOperations = 100;
    private static readonly long MaxValidity = (long)NewOperation.MaxValidity.TotalSeconds;

    public static IReadOnlyList<NewOperation> Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Array || body.GetArrayLength() is 0 or > MaxOperations)
        {
            throw ApiException.BadRequest($"The body must be an array of 1 to {MaxOperations} operations");
        }

        var errors = new List<FieldError>();
        var operations = body.EnumerateArray().Select((element, index) => Read(new FieldReader(element, index, errors))).ToList();
        return errors.Count == 0 ? operations : throw ApiException.Invalid(errors);
    }

    /// <summary>One operation; what is wrong with it goes to the reader's failures.</summary>
    public static NewOperation Read(FieldReader fields)
    {
        var action = ReadAction(fields);
        var enable = fields.OptionalFlag("enable") == true && action == OperationAction.Download;
        var code = action == OperationAction.Download ? ReadActivationCode(fields) : null;
        return new NewOperation
        {
            Action = action,
            Iccid = ReadIccid(fields, action),
            ActivationCode = code,
            ConfirmationCode = action == OperationAction.Download ? ReadConfirmationCode(fields, code) : null,
            Enable = enable,
            Rollback = fields.OptionalFlag("rollback") == true && (action == OperationAction.Enable || enable),
            Validity = TimeSpan.FromSeconds(ReadValidity(fields)),
        };
    }

    /// <summary>Zero where it is none; then the reader has a failure.</summary>
    private static OperationAction ReadAction(FieldReader fields)
    {
        if (!fields.Has("action"))
        {
            fields.Fail(FieldError.Required, "action", "is required");
            return default;
        }

        if (fields.OptionalDescribedId("action") is not { } id)
        {
            return default;
        }

        if (Enum.IsDefined((OperationAction)id))
        {
            return (OperationAction)id;
        }

        fields.Fail(FieldError.InvalidReference, "action", $"{id} is not known");
        return default;
    }

    private static string? ReadIccid(FieldReader fields, OperationAction action)
    {
        if (action is not (OperationAction.Enable or OperationAction.SetFallback or OperationAction.Delete or OperationAction.Disable))
        {
            return null;
        }

        fields.Require("iccid_with_luhn", $"is required for action {(int)action}");
        return fields.OptionalIccid("iccid_with_luhn")?.ToString();
    }

    /// <summary>The code is a secret, so no message repeats it.</summary>
    private static ActivationCode? ReadActivationCode(FieldReader fields)
    {
        var text = fields.RequiredText("activation_code", "is required for action 2", ActivationCode.MaxLength);
        if (text is null)
        {
            return null;
        }

        if (!ActivationCode.TryParse(text, out var code))
        {
            fields.Fail(
                FieldError.InvalidFormat,
                "activation_code",
                "must be of the form 1$address$matching id[$OID[$confirmation flag[$CI key id[$delete-notification flag]]]], with or without LPA: before it; the address is a host name or a canonical IP address, with or without a port");
        }

        return code;
    }

    /// <summary>
    /// A secret as well. It is taken without a flag that demands it, too: whether one is needed is for the SM-DP+ to say (SGP.22 3.1.3), and
    /// some codes lack the flag.
    /// </summary>
    private static ConfirmationCode? ReadConfirmationCode(FieldReader fields, ActivationCode? activation)
    {
        const string field = "confirmation_code";
        if (activation?.NeedsConfirmationCode == true)
        {
            fields.Require(field, "is required: the activation code demands one");
        }

        var text = fields.OptionalText(field, ConfirmationCode.MaxLength);
        if (text is not null && !ConfirmationCode.TryParse(text, out _))
        {
            fields.Fail(FieldError.InvalidFormat, field, $"must have 1 to {ConfirmationCode.MaxLength} printable characters");
        }

        return ConfirmationCode.TryParse(text, out var code) ? code : null;
    }

    private static long ReadValidity(FieldReader fields) => fields.OptionalNumber("validity_period", 1, MaxValidity) ?? MaxValidity;
}

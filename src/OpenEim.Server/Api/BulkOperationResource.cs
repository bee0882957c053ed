using System.Text.Json;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Server.Api;

/// <summary>POST /api/v1/euicc/operation: one operation on many eUICCs.</summary>
internal static class BulkOperationResource
{
    private const string Target = "target";

    public static void Map(WebApplication app, IdempotentPosts posts, BulkScheduler scheduler) =>
        posts.Map(app, "/api/v1/euicc/operation", (context, body, keep) => ScheduleAsync(context, scheduler, body, keep));

    private static async Task<Answer> ScheduleAsync(HttpContext context, BulkScheduler scheduler, JsonElement body, KeepAnswer keep)
    {
        var caller = context.Caller();
        var errors = new List<FieldError>();
        var operation = NewOperationReader.Read(new FieldReader(body, "", errors));
        var targets = ReadTargets(body, errors);
        if (errors.Count > 0)
        {
            throw ApiException.Invalid(errors);
        }

        Answer? answer = null;
        await scheduler.ScheduleAsync(
            caller.OrganisationId,
            new OperationCreator(caller.MemberId, caller.MemberName),
            operation,
            targets,
            async (session, outcome) =>
            {
                answer = Answer.Of(StatusCodes.Status201Created, BulkOutcomeJson.Of(outcome), JsonBody.Shapes.BulkOutcomeJson);
                await keep(session, answer);
            },
            context.RequestAborted);
        return answer!;
    }

    private static List<OperationTarget> ReadTargets(JsonElement body, List<FieldError> errors)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty(Target, out var array) || array.ValueKind != JsonValueKind.Array)
        {
            errors.Add(FieldError.Required($"{Target} is required, as an array"));
            return [];
        }

        if (array.GetArrayLength() is 0 or > BulkScheduler.MaxTargets)
        {
            errors.Add(FieldError.InvalidFormat($"{Target} must hold 1 to {BulkScheduler.MaxTargets} eUICCs"));
            return [];
        }

        return [.. array.EnumerateArray().Select((element, index) => ReadTarget(new FieldReader(element, $"{Target}[{index}]", errors)))];
    }

    private static OperationTarget ReadTarget(FieldReader fields)
    {
        if (fields.Has("eid") == fields.Has("euicc"))
        {
            fields.Fail(FieldError.Required, "eid", "or euicc is required, and only one of them");
            return default;
        }

        if (fields.OptionalObject("euicc") is { } euicc)
        {
            var id = euicc.OptionalNumber("id");
            if (!euicc.Has("id"))
            {
                euicc.Fail(FieldError.Required, "id", "is required");
            }

            return new OperationTarget(null, id);
        }

        var text = fields.RequiredText("eid");
        if (text is not null && !Eid.TryParse(text, out _))
        {
            fields.Fail(FieldError.InvalidFormat, "eid", "must have 32 decimal digits");
        }

        return new OperationTarget(Eid.TryParse(text, out var eid) ? eid : null, null);
    }
}

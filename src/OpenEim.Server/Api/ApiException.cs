using System.Text.Json.Nodes;

namespace OpenEim.Server.Api;

/// <summary>What the REST API answers instead of a result: one body that satisfies both error styles in the wild (docs/rest-api.md).</summary>
internal sealed class ApiException(int status, int code, string token, string message) : Exception(message)
{
    private const int MaxErrors = 100; // more help nobody, and thousands make an answer longer than its request

    public int Status { get; } = status;

    /// <summary>Validation failures: each names the index and the field.</summary>
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>How many seconds to wait before asking again; 0: it is not said.</summary>
    public int RetryAfter { get; init; }

    public static ApiException NotFound(string message) => new(404, 1201, "NotFound", message);

    public static ApiException BadRequest(string message) => new(400, 1000, "BadRequest", message);

    public static ApiException Unauthorized(int code, string token, string message) => new(401, code, token, message);

    public static ApiException Forbidden(string message) => new(403, 1104, "Forbidden", message);

    public static ApiException TooManyRequests() =>
        new(429, 1105, "TooManyRequests", "This application token makes too many requests; Retry-After says how many seconds to wait");

    public static ApiException Conflict(string message) => new(409, 1405, "Duplicated", message);

    public static ApiException Invalid(IReadOnlyList<FieldError> errors) =>
        new(400, 1400, "InputValidationFailed", errors[0].Message) { Errors = [.. errors.Take(MaxErrors)] };

    public static ApiException Unavailable() =>
        new(503, 1999, "Unavailable", "The database does not answer at the moment; Retry-After says how many seconds to wait") { RetryAfter = 1 };

    public static ApiException Internal(string correlationId) =>
        new(500, 1999, "InternalError", $"An internal error occurred; its correlation id is {correlationId}");

    public JsonObject ToJson()
    {
        var json = Body(code, token, Message);
        json.Insert(0, "status_code", Status);
        if (Errors.Count > 0)
        {
            json["errors"] = new JsonArray([.. Errors.Select(error => (JsonNode)Body(error.Code, error.Token, error.Message))]);
        }

        return json;
    }

    private static JsonObject Body(int code, string token, string message) => new()
    {
        ["error_code"] = code,
        ["error_token"] = token,
        ["message"] = message,
    };
}

/// <summary>One failure of a validation.</summary>
internal sealed record FieldError(int Code, string Token, string Message)
{
    public static FieldError Required(string message) => new(1402, "Required", message);

    public static FieldError InvalidFormat(string message) => new(1403, "InvalidFormat", message);

    public static FieldError InvalidReference(string message) => new(1401, "InvalidReference", message);

    public static FieldError NotAllowed(string message) => new(1406, "NotAllowed", message);
}

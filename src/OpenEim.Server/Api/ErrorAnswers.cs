using System.Globalization;
using OpenEim.Manager.Organisations;
using OpenEim.Manager.Queries;
using OpenEim.Storage;

namespace OpenEim.Server.Api;

/// <summary>The one place where errors become answers; no error is answered with an empty body.</summary>
internal sealed partial class ErrorAnswers(ILogger<ErrorAnswers> logger)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        ApiException? error = null;
        try
        {
            await next(context).ConfigureAwait(false);
            error = context.Response.HasStarted ? null : OfEmptyAnswer(context.Response.StatusCode);
        }
        catch (Exception e) when (e is not OperationCanceledException && !context.Response.HasStarted)
        {
            error = OfException(e) ?? OfStorage(context, e) ?? Internal(e, context.TraceIdentifier);
        }

        if (error is not null)
        {
            if (error.RetryAfter > 0)
            {
                context.Response.Headers.RetryAfter = error.RetryAfter.ToString(CultureInfo.InvariantCulture);
            }

            await Answer.Of(error).WriteAsync(context).ConfigureAwait(false);
        }
    }

    /// <summary>What the framework answered with a status alone.</summary>
    private static ApiException? OfEmptyAnswer(int status) => status switch
    {
        StatusCodes.Status404NotFound => ApiException.NotFound("There is no such resource"),
        StatusCodes.Status405MethodNotAllowed => new ApiException(status, 1000, "BadRequest", "This resource does not know the method; Allow names those it does"),
        _ => null,
    };

    private static ApiException? OfException(Exception exception) => exception switch
    {
        ApiException e => e,
        QueryException { Part: QueryPart.Page } e => ApiException.BadRequest(e.Message),
        QueryException { Part: QueryPart.Sort } e => new ApiException(400, 1302, "InvalidSortCriteria", e.Message),
        QueryException e => new ApiException(400, 1301, "InvalidQueryCriteria", e.Message),
        ListsBusyException e => new ApiException(429, 1105, "TooManyRequests", e.Message) { RetryAfter = 1 },
        IdempotencyLostException e => ApiException.Conflict(e.Message),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            new ApiException(413, 1000, "BadRequest", $"The body is larger than {ApiApplication.MaxBodyBytes} bytes"),
        BadHttpRequestException e => new ApiException(e.StatusCode, 1000, "BadRequest", "The request cannot be read"),
        _ => null,
    };

    private ApiException? OfStorage(HttpContext context, Exception exception)
    {
        if (exception is StorageTimeoutException && context.Request.Query["q"].ToString() is { Length: > 0 } filter)
        {
            return new ApiException(400, 1301, "InvalidQueryCriteria", $"The list with the filter \"{filter}\" takes too long to read: narrow it, as by the beginning of an eid");
        }

        if (exception is not StorageUnavailableException unavailable)
        {
            return null;
        }

        LogUnavailable(unavailable.Message);
        return ApiException.Unavailable();
    }

    private ApiException Internal(Exception exception, string correlationId)
    {
        LogFailed(exception, correlationId);
        return ApiException.Internal(correlationId);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request was turned away: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed; correlation id {CorrelationId}")]
    private partial void LogFailed(Exception exception, string correlationId);
}

namespace OpenEim.Protocol.Sgp22;

/// <summary>The header of a request of ES2+ (SGP.22 6.5.1.3).</summary>
/// <param name="FunctionRequesterIdentifier">Who asks.</param>
/// <param name="FunctionCallIdentifier">Which call it is: the requester's own identifier.</param>
public sealed record FunctionRequestHeader(string? FunctionRequesterIdentifier, string? FunctionCallIdentifier);

/// <summary>The header of every response of ES2+, ES9+ and ESipa (SGP.22 6.5.1.4, SGP.32 6.4.1).</summary>
public sealed record FunctionResponseHeader(FunctionExecutionStatus? FunctionExecutionStatus)
{
    /// <summary>The header of a function that was executed.</summary>
    public static FunctionResponseHeader Success { get; } = new(new FunctionExecutionStatus(Sgp22.FunctionExecutionStatus.ExecutedSuccess));

    /// <summary>The header of a function that failed.</summary>
    /// <param name="code">Why.</param>
    /// <param name="subjectIdentifier">What exactly it is about, for instance the ICCID.</param>
    /// <param name="message">A text for people.</param>
    public static FunctionResponseHeader Failure(StatusCode code, string? subjectIdentifier = null, string? message = null) =>
        new(new FunctionExecutionStatus(
            Sgp22.FunctionExecutionStatus.Failed, new StatusCodeData(code.Subject, code.Reason, subjectIdentifier, message)));
}

/// <summary>How the execution of a function ended (SGP.22 5.2.6).</summary>
/// <param name="Status">One of the texts below.</param>
/// <param name="StatusCodeData">Why; absent on success.</param>
public sealed record FunctionExecutionStatus(string? Status, StatusCodeData? StatusCodeData = null)
{
    /// <summary>Executed.</summary>
    public const string ExecutedSuccess = "Executed-Success";

    /// <summary>Executed, with a remark.</summary>
    public const string ExecutedWithWarning = "Executed-WithWarning";

    /// <summary>Not executed.</summary>
    public const string Failed = "Failed";

    /// <summary>Not executed, as ESipa writes it (SGP.32 6.4.1).</summary>
    public const string ExecutedFailed = "Executed-Failed";

    /// <summary>Not executed within the time allowed.</summary>
    public const string Expired = "Expired";

    /// <summary>Whether the function was executed.</summary>
    internal bool IsExecuted => Status switch
    {
        ExecutedSuccess or ExecutedWithWarning => true,
        Failed or ExecutedFailed or Expired => false,
        _ => throw new ProtocolException("status is none of SGP.22's"),
    };
}

/// <summary>Why a function failed (SGP.22 5.2.6).</summary>
/// <param name="SubjectCode">What it is about, for instance 8.2.6.</param>
/// <param name="ReasonCode">What is wrong, for instance 3.8.</param>
/// <param name="SubjectIdentifier">What exactly it is about.</param>
/// <param name="Message">A text for people.</param>
public sealed record StatusCodeData(string? SubjectCode, string? ReasonCode, string? SubjectIdentifier = null, string? Message = null);

/// <summary>A JSON response of ES2+, ES9+ or ESipa.</summary>
public interface IFunctionResponse
{
    /// <summary>How it went.</summary>
    FunctionResponseHeader? Header { get; }
}

/// <summary>Reads what a response's header says.</summary>
public static class FunctionResponses
{
    /// <summary>Whether the function was executed, with or without a warning.</summary>
    /// <exception cref="ProtocolException">The response has no header, or a status that SGP.22 does not know.</exception>
    public static bool IsSuccess(this IFunctionResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return Status(response).IsExecuted;
    }

    /// <summary>Why the function failed; null where the response does not say.</summary>
    /// <exception cref="ProtocolException">The response has no header.</exception>
    public static StatusCode? FailureCode(this IFunctionResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return Status(response).StatusCodeData is { SubjectCode: { } subject, ReasonCode: { } reason } ? new StatusCode(subject, reason) : null;
    }

    /// <summary>Why the function failed, in the other side's own words; null where it gives none.</summary>
    /// <exception cref="ProtocolException">The response has no header.</exception>
    public static string? FailureMessage(this IFunctionResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return Status(response).StatusCodeData?.Message;
    }

    internal static void RequireSuccess(IFunctionResponse response)
    {
        if (!IsSuccess(response))
        {
            throw new ProtocolException("the function failed: its response carries no data");
        }
    }

    private static FunctionExecutionStatus Status(IFunctionResponse response) =>
        response.Header?.FunctionExecutionStatus ?? throw new ProtocolException("functionExecutionStatus is missing");
}

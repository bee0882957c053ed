using OpenEim.Protocol.Sgp22;

namespace OpenEim.Smdp;

/// <summary>A function of ES2+ or ES9+ that ends with one of the standard's status codes. Turned into the wire's form in one place for each interface.</summary>
internal sealed class FunctionFailedException : Exception
{
    /// <param name="code">What the requester is told.</param>
    /// <param name="message">For people; without secrets.</param>
    /// <param name="subjectIdentifier">What exactly it is about.</param>
    public FunctionFailedException(StatusCode code, string message, string? subjectIdentifier = null)
        : base(message)
    {
        Code = code;
        SubjectIdentifier = subjectIdentifier;
    }

    public StatusCode Code { get; }

    public string? SubjectIdentifier { get; }

    /// <summary>The header of the answer.</summary>
    public FunctionResponseHeader ToHeader() => FunctionResponseHeader.Failure(Code, SubjectIdentifier, Message);
}

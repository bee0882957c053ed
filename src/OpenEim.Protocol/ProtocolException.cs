namespace OpenEim.Protocol;

/// <summary>Input that does not follow its standard: a malformed TLV, an impossible identifier, a message of the wrong shape.</summary>
/// <remarks>
/// The one exception for bad input in this assembly. The listener that received the bytes turns it into the wire's error
/// (HTTP 400 on ESipa, status word 6A80 on the card) in one place. The message never holds secret material.
/// </remarks>
public sealed class ProtocolException : Exception
{
    /// <summary>Makes an exception without a message.</summary>
    public ProtocolException()
    {
    }

    /// <summary>Makes an exception that says what was wrong.</summary>
    public ProtocolException(string message) : base(message)
    {
    }

    /// <summary>Makes an exception that says what was wrong and keeps its cause.</summary>
    public ProtocolException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

namespace OpenEim.Fuzzing.Targets;

/// <summary>An invariant of a target is broken.</summary>
internal sealed class FindingException : Exception
{
    public FindingException()
    {
    }

    public FindingException(string message) : base(message)
    {
    }

    public FindingException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

namespace OpenEim.Manager.Organisations;

/// <summary>A request took longer than its lease, and a repetition of it has taken its place.</summary>
public sealed class IdempotencyLostException : Exception
{
    /// <summary>Creates the exception.</summary>
    public IdempotencyLostException()
        : this("The request took too long, and a repetition of it has taken its place.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public IdempotencyLostException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public IdempotencyLostException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

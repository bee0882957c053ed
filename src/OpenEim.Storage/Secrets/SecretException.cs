namespace OpenEim.Storage.Secrets;

/// <summary>A key file or a stored secret cannot be used. The message is a sentence for an operator, without secrets.</summary>
public sealed class SecretException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SecretException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public SecretException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public SecretException()
        : this("A secret cannot be used.")
    {
    }
}

namespace OpenEim.Server;

/// <summary>The server cannot start as it is set up. The message is one sentence for an operator.</summary>
public sealed class ServerSetupException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ServerSetupException()
        : this("The server cannot start.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public ServerSetupException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public ServerSetupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

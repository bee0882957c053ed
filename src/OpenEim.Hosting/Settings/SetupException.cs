namespace OpenEim.Hosting.Settings;

/// <summary>A host cannot start as it is set up. The message is one sentence for an operator.</summary>
public sealed class SetupException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SetupException()
        : this("The host cannot start.")
    {
    }

    /// <summary>Creates the exception.</summary>
    public SetupException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public SetupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

namespace OpenEim.Storage;

/// <summary>The database does not answer at the moment; whoever asked may ask again later. The message is a sentence for an operator.</summary>
/// <remarks>When the connection broke during a commit, the write may have happened: what is repeated must bear being repeated.</remarks>
public class StorageUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StorageUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StorageUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StorageUnavailableException()
        : this("The database does not answer.")
    {
    }
}

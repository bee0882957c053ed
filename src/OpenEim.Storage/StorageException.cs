namespace OpenEim.Storage;

/// <summary>The database cannot be opened, upgraded or read. The message is a sentence for an operator.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StorageException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StorageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StorageException()
        : this("The database failed.")
    {
    }
}

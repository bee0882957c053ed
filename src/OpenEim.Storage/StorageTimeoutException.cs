namespace OpenEim.Storage;

/// <summary>A read took longer than <see cref="DatabaseOptions.ReadLimit"/> and was ended. The message is a sentence for an operator.</summary>
public sealed class StorageTimeoutException : StorageUnavailableException
{
    /// <summary>Creates the exception.</summary>
    public StorageTimeoutException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StorageTimeoutException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StorageTimeoutException()
        : this("A read took too long.")
    {
    }
}

namespace OpenEim.Device.Transports;

/// <summary>The card refused a command, or answered with something that is not the answer.</summary>
public sealed class CardException : Exception
{
    /// <summary>Makes the exception.</summary>
    public CardException()
    {
    }

    /// <summary>Makes the exception with a message.</summary>
    public CardException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with a message and a cause.</summary>
    public CardException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Makes the exception for a status word.</summary>
    public CardException(string command, int statusWord) : base($"the card answered {command} with {statusWord:X4}") =>
        StatusWord = statusWord;

    /// <summary>SW1 SW2 as one number, 0x6A88 say; 0 when the card answered well but with something unreadable.</summary>
    public int StatusWord { get; }
}

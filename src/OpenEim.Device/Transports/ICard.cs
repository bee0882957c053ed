namespace OpenEim.Device.Transports;

/// <summary>A smart card as a reader sees it: command APDUs in, response APDUs out.</summary>
/// <remarks>Implemented by the virtual eUICC and, over PC/SC and the like, by real cards.</remarks>
public interface ICard
{
    /// <summary>Powers the card up or resets it: volatile state (channels, a refresh under way) is lost, and the ATR is returned.</summary>
    ReadOnlyMemory<byte> Reset();

    /// <summary>Sends one command APDU and returns the response data followed by the two status bytes.</summary>
    /// <exception cref="CardRemovedException">The card has lost its power or was taken out.</exception>
    ReadOnlyMemory<byte> Transmit(ReadOnlyMemory<byte> command);
}

/// <summary>The card has lost its power or was taken out in the middle of a command.</summary>
public sealed class CardRemovedException : Exception
{
    /// <summary>Makes the exception.</summary>
    public CardRemovedException() : base("the card has lost its power")
    {
    }

    /// <summary>Makes the exception with a message.</summary>
    public CardRemovedException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with a message and a cause.</summary>
    public CardRemovedException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Ipa.Downloads;

/// <summary>A download has ended without an installation result: the eIM gets an error instead.</summary>
internal sealed class DownloadException : Exception
{
    /// <summary>Makes the exception.</summary>
    public DownloadException()
    {
    }

    /// <summary>Makes the exception with a message.</summary>
    public DownloadException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with a message and a cause.</summary>
    public DownloadException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>What the card or the server answered, where that ended the download: a TLV, or the JSON of ES9+.</summary>
    public ReadOnlyMemory<byte> Response { get; init; }

    /// <summary>Why the session with the SM-DP+ is cancelled; null where it has ended by itself, or never began.</summary>
    public CancelSessionReason? Cancel { get; init; }
}

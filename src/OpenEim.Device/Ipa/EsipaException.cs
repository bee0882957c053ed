namespace OpenEim.Device.Ipa;

/// <summary>Why an exchange with an eIM, or with an SM-DP+, failed.</summary>
public enum EsipaFailure
{
    /// <summary>The modem has no network: no profile is enabled, or the enabled one does not attach.</summary>
    NoNetwork,

    /// <summary>There is a network but no answer came: connection refused or lost, name unknown, time over.</summary>
    Unreachable,

    /// <summary>Whoever answered is not the eIM that the card trusts.</summary>
    Untrusted,

    /// <summary>An HTTP status that is no success.</summary>
    Refused,

    /// <summary>The answer is not an ESipa message, or too long.</summary>
    Malformed,
}

/// <summary>An exchange with an eIM, or with an SM-DP+, failed: nothing is known about what the other side did with the request.</summary>
public sealed class EsipaException : Exception
{
    /// <summary>Makes the exception.</summary>
    public EsipaException()
    {
    }

    /// <summary>Makes the exception with a message.</summary>
    public EsipaException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with a message and a cause.</summary>
    public EsipaException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Makes the exception.</summary>
    public EsipaException(EsipaFailure failure, string message, Exception? innerException = null) : base(message, innerException) =>
        Failure = failure;

    /// <summary>What failed.</summary>
    public EsipaFailure Failure { get; }

    /// <summary>Whether the way to the eIM failed, rather than the eIM: another profile may do better.</summary>
    public bool IsConnectivity => Failure is EsipaFailure.NoNetwork or EsipaFailure.Unreachable or EsipaFailure.Untrusted;

    /// <summary>Whether the same bytes may do better in a moment.</summary>
    public bool IsTransient { get; init; }
}

/// <summary>The modem has no network to send a request over.</summary>
public sealed class NoNetworkException : HttpRequestException
{
    /// <summary>Makes the exception.</summary>
    public NoNetworkException()
    {
    }

    /// <summary>Makes the exception with a message.</summary>
    public NoNetworkException(string message) : base(message)
    {
    }

    /// <summary>Makes the exception with a message and a cause.</summary>
    public NoNetworkException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

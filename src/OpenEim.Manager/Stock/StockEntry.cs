using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Stock;

/// <summary>A profile that an organisation has ordered from an SM-DP+.</summary>
public sealed record StockEntry
{
    /// <summary>19 or 20 digits.</summary>
    public required string Iccid { get; init; }

    /// <summary>Where it stands: what its eUICC signs, else what the SM-DP+ tells.</summary>
    public required ProfileStatus Status { get; init; }

    /// <summary>The SM-DP+'s name for its kind, where it was ordered by that.</summary>
    public string? ProfileType { get; init; }

    /// <summary>Where it is downloaded from.</summary>
    public required string SmdpAddress { get; init; }

    /// <summary>For whom; null for nobody yet.</summary>
    public Eid? Eid { get; init; }

    /// <summary>The eUICC's number, where it is one of the organisation's.</summary>
    public long? EuiccId { get; init; }

    /// <summary>When it was ordered.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset Updated { get; init; }

    /// <summary>What a device downloads it with, where it is asked for alone and there is one; a secret.</summary>
    public ActivationCode? ActivationCode { get; init; }
}

/// <summary>An order of one profile: of a type, or a given one.</summary>
/// <param name="ProfileType">The SM-DP+'s name for the kind wanted.</param>
/// <param name="Iccid">Or this one.</param>
/// <param name="Eid">For this eUICC, one of the organisation's.</param>
/// <param name="EuiccId">Or this one.</param>
/// <param name="Confirm">Whether it shall be ready to download at once.</param>
public sealed record StockOrder(string? ProfileType, Iccid? Iccid, Eid? Eid, long? EuiccId, bool Confirm)
{
    /// <summary>
    /// Names this order to the SM-DP+ (functionCallIdentifier): when it is placed again under the same name, because nobody lived to see the
    /// first attempt's end, the SM-DP+ gives the same profile (SGP.22 5.2.5). Null for an order that is not repeated.
    /// </summary>
    public string? Name { get; init; }
}

/// <summary>Why an order could not be placed or changed.</summary>
public enum StockProblem
{
    /// <summary>No SM-DP+ is set up to order from.</summary>
    NotConfigured,

    /// <summary>The eUICC is none of the organisation's.</summary>
    UnknownEuicc,

    /// <summary>The organisation has no such profile in stock.</summary>
    NotFound,

    /// <summary>The profile's status does not allow it.</summary>
    WrongStatus,

    /// <summary>The SM-DP+ said no.</summary>
    Refused,

    /// <summary>The SM-DP+ could not be asked.</summary>
    Unavailable,
}

/// <summary>An order could not be placed or changed.</summary>
public sealed class StockException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StockException()
        : this(StockProblem.NotConfigured, "The order could not be placed")
    {
    }

    /// <summary>Creates the exception.</summary>
    public StockException(string message)
        : this(StockProblem.NotConfigured, message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StockException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StockException(StockProblem problem, string message)
        : base(message) => Problem = problem;

    /// <summary>What kind of obstacle it was.</summary>
    public StockProblem Problem { get; }
}

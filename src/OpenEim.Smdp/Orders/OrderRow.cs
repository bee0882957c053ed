using OpenEim.Protocol.Identifiers;

namespace OpenEim.Smdp.Orders;

/// <summary>A profile with its order, if it has one, as one transaction sees them.</summary>
internal class OrderRow
{
    public required string Iccid { get; init; }

    public required string ProfileType { get; init; }

    public int State { get; init; }

    /// <summary>The one eUICC that the package was delivered to.</summary>
    public byte[]? DeliveredTo { get; init; }

    /// <summary>Who ordered; null when there is no order.</summary>
    public string? Requester { get; init; }

    /// <summary>The eUICC that the order names.</summary>
    public byte[]? Eid { get; init; }

    public string? MatchingId { get; init; }

    /// <summary>Sealed.</summary>
    public byte[]? ConfirmationCode { get; init; }

    public long? Expiry { get; init; }

    public long Downloads { get; init; }

    public long ConfirmationFailures { get; init; }

    /// <summary>Tells the order from an earlier one for the same profile.</summary>
    public long OrderId { get; init; }

    public StockState StockState => (StockState)State;

    public bool HasOrder => Requester is not null;

    /// <summary>Whether an eUICC is not the one that the profile is for, as far as that is known.</summary>
    public bool IsForAnother(Eid eid)
    {
        var bytes = eid.ToBytes();
        return (Eid is not null && !Eid.AsSpan().SequenceEqual(bytes)) || (DeliveredTo is not null && !DeliveredTo.AsSpan().SequenceEqual(bytes));
    }
}

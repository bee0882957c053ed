using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10b GetEuiccChallengeResponse, tag BF2E (SGP.22 5.7.7): <c>BF2E{80}</c>.</summary>
/// <param name="Challenge">16 random bytes.</param>
public sealed record GetEuiccChallengeResponse(ReadOnlyMemory<byte> Challenge) : IBerMessage<GetEuiccChallengeResponse>
{
    /// <inheritdoc/>
    public static GetEuiccChallengeResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.GetEuiccChallenge);
        return new GetEuiccChallengeResponse(inner.ReadValue(0x80, 16, 16));
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.GetEuiccChallenge))
        {
            writer.Octets(0x80, Challenge.Span);
        }
    }
}

/// <summary>ES10c GetEuiccDataResponse, tag BF3E (SGP.22 5.7.20, GetEID): <c>BF3E{5A}</c>.</summary>
public sealed record GetEuiccDataResponse(Eid Eid) : IBerMessage<GetEuiccDataResponse>
{
    /// <inheritdoc/>
    public static GetEuiccDataResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.GetEuiccData);
        return new GetEuiccDataResponse(inner.ReadEid());
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.GetEuiccData))
        {
            writer.EidValue(Eid);
        }
    }
}

/// <summary>ES10b NotificationSentRequest, tag BF30 (SGP.22 5.7.11, RemoveNotificationFromList): <c>BF30{80}</c>. It also removes a package result.</summary>
public sealed record NotificationSentRequest(long SequenceNumber) : IBerMessage<NotificationSentRequest>
{
    /// <inheritdoc/>
    public static NotificationSentRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.NotificationSent);
        return new NotificationSentRequest(inner.ReadInteger(0x80));
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.NotificationSent))
        {
            writer.Integer(0x80, SequenceNumber);
        }
    }
}

/// <summary>SGP.22 DeleteNotificationStatus.</summary>
public enum DeleteNotificationStatus
{
    /// <summary>Removed.</summary>
    Ok = 0,

    /// <summary>No such sequence number.</summary>
    NothingToDelete = 1,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>ES10b NotificationSentResponse, tag BF30 (SGP.22 5.7.11): <c>BF30{80}</c>. Cards in use answer <c>BF30 00</c> when they have removed it.</summary>
public sealed record NotificationSentResponse(DeleteNotificationStatus Status) : IBerMessage<NotificationSentResponse>
{
    /// <inheritdoc/>
    public static NotificationSentResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.NotificationSent);
        return new NotificationSentResponse(inner.HasData ? (DeleteNotificationStatus)inner.ReadInt32(0x80) : DeleteNotificationStatus.Ok);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.NotificationSent))
        {
            writer.Integer(0x80, (int)Status);
        }
    }
}

/// <summary>
/// The ES10 requests that carry nothing: GetEuiccInfo BF20 and BF22 (SGP.22 5.7.8), GetEuiccChallenge BF2E (SGP.22 5.7.7),
/// EuiccConfiguredAddresses BF3C (SGP.22 5.7.3), GetRAT BF43 (SGP.22 5.7.22) and GetConnectivityParameters BF5F (SGP.32 5.9.24).
/// </summary>
/// <param name="Function">The outer tag.</param>
public sealed record EmptyRequest(uint Function) : IBerMessage<EmptyRequest>
{
    /// <inheritdoc/>
    public static EmptyRequest Decode(ref BerReader reader)
    {
        var function = reader.PeekTag();
        if (function is not (>= Sgp22Tags.FirstFunction and <= Sgp22Tags.LastFunction))
        {
            throw BerReader.Unexpected(function);
        }

        var inner = reader.ReadConstructed(function);
        inner.SkipUnknown();
        return new EmptyRequest(function);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Function))
        {
        }
    }
}

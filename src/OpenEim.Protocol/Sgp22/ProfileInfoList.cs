using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10c ProfileInfoListRequest, tag BF2D (SGP.22 5.7.15); also the PSMO listProfileInfo (SGP.32 2.11.1.1.3).</summary>
/// <param name="SearchIsdpAid">Search by AID of the ISD-P.</param>
/// <param name="SearchIccid">Search by ICCID.</param>
/// <param name="SearchClass">Search by class.</param>
/// <param name="TagList">5C: the tags wanted, concatenated; null for the default ones.</param>
public sealed record ProfileInfoListRequest(
    ReadOnlyMemory<byte>? SearchIsdpAid = null,
    Iccid? SearchIccid = null,
    ProfileClass? SearchClass = null,
    ReadOnlyMemory<byte>? TagList = null) : IBerMessage<ProfileInfoListRequest>
{
    /// <inheritdoc/>
    public static ProfileInfoListRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.ProfileInfoList);
        var request = new ProfileInfoListRequest();
        if (inner.TryReadConstructed(0xA0, out var search))
        {
            request = search.PeekTag() switch
            {
                Sgp22Tags.Aid => request with { SearchIsdpAid = search.ReadValue(Sgp22Tags.Aid, 1, 16) },
                Sgp22Tags.Iccid => request with { SearchIccid = search.ReadIccid() },
                Sgp22Tags.ProfileClass => request with { SearchClass = (ProfileClass)search.ReadInt32(Sgp22Tags.ProfileClass) },
                var tag => throw BerReader.Unexpected(tag),
            };
            search.ThrowIfNotEmpty();
        }

        if (inner.NextIs(Sgp22Tags.TagList))
        {
            request = request with { TagList = inner.ReadValue(Sgp22Tags.TagList, 0, 128) };
        }

        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.ProfileInfoList))
        {
            if (SearchIsdpAid is not null || SearchIccid is not null || SearchClass is not null)
            {
                using (writer.Constructed(0xA0))
                {
                    EncodeSearch(writer);
                }
            }

            writer.OptionalOctets(Sgp22Tags.TagList, TagList);
        }
    }

    private void EncodeSearch(AsnWriter writer)
    {
        if (SearchIccid is { } iccid)
        {
            writer.IccidValue(iccid);
        }
        else if (SearchIsdpAid is { } aid)
        {
            writer.Octets(Sgp22Tags.Aid, aid.Span);
        }
        else
        {
            writer.OptionalInteger(Sgp22Tags.ProfileClass, (int?)SearchClass);
        }
    }
}

/// <summary>SGP.32 ProfileInfoListError.</summary>
public enum ProfileInfoListError
{
    /// <summary>The search or tag list is not understood.</summary>
    IncorrectInputValues = 1,

    /// <summary>A profile change is going on (SGP.32).</summary>
    ProfileChangeOngoing = 11,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>ES10c ProfileInfoListResponse, tag BF2D (SGP.22 5.7.15); also the result of the PSMO listProfileInfo (SGP.32 2.11.2.1): profiles, or an error.</summary>
/// <param name="Profiles">The profiles; null on an error.</param>
/// <param name="Error">The error; null on success.</param>
public sealed record ProfileInfoListResponse(IReadOnlyList<ProfileInfo>? Profiles, ProfileInfoListError? Error = null)
    : IBerMessage<ProfileInfoListResponse>
{
    /// <summary>What could not be read of the profiles, at any depth; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; init; } = [];

    /// <summary>Whether every profile of the list is here, with its ICCID: only then is a profile that is not here not on the eUICC.</summary>
    public bool IsComplete { get; init; } = true;

    /// <inheritdoc/>
    /// <remarks>Real cards send the arm A0 or a bare SEQUENCE; some IPAs put one into the other, or an error under 02.</remarks>
    public static ProfileInfoListResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.ProfileInfoList);
        if (inner.NextIs(0x81) || inner.NextIs(0x02))
        {
            return new ProfileInfoListResponse(null, (ProfileInfoListError)inner.ReadInt32(inner.PeekTag()));
        }

        var list = inner.ReadConstructed(inner.NextIs(0x30) ? 0x30u : 0xA0u);
        inner.SkipUnknown();
        var unreadable = new UnreadableValues();
        var profiles = new List<ProfileInfo>();
        var isComplete = ReadProfiles(new ContentReader(list, unreadable), profiles, mayNest: true);
        return new ProfileInfoListResponse(profiles) { Unreadable = unreadable.ToList(), IsComplete = isComplete };
    }

    private static bool ReadProfiles(ContentReader list, List<ProfileInfo> profiles, bool mayNest)
    {
        var isComplete = true;
        while (list.Read())
        {
            switch (list.Tag)
            {
                case Sgp22Tags.ProfileInfo:
                    var reader = new BerReader(list.Encoded);
                    var profile = ProfileInfo.Decode(ref reader);
                    list.Unreadable.AddRange(profile.Unreadable);
                    profiles.Add(profile);
                    isComplete &= profile.Iccid is not null;
                    break;
                case 0x30 when mayNest:
                    isComplete &= ReadProfiles(list.Inside(), profiles, mayNest: false);
                    break;
                default:
                    list.Report("it is no profile");
                    isComplete = false;
                    break;
            }
        }

        return isComplete && list.Broken is null;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.ProfileInfoList))
        {
            if (Profiles is null)
            {
                writer.Integer(0x81, (int)(Error ?? ProfileInfoListError.UndefinedError));
                return;
            }

            using (writer.Constructed(0xA0))
            {
                foreach (var profile in Profiles)
                {
                    profile.Encode(writer);
                }
            }
        }
    }
}

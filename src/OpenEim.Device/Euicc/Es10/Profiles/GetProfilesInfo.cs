using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Profiles;

/// <summary>ES10c GetProfilesInfo, tag BF2D (SGP.22 5.7.15), and the PSMO listProfileInfo.</summary>
internal static class GetProfilesInfo
{
    // Without a tag list: ICCID, AID, state, nickname, provider, name, icon type, icon, class (SGP.22), fallback attribute (SGP.32).
    private static readonly uint[] DefaultTags = [0x5A, 0x4F, 0x9F70, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x9F26];

    public static ProfileInfoListResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        try
        {
            return List(core.State, BerMessage.Decode<ProfileInfoListRequest>(request));
        }
        catch (ProtocolException)
        {
            return new ProfileInfoListResponse(null, ProfileInfoListError.IncorrectInputValues);
        }
    }

    // What SGP.32 v1.0 does not have.
    private static readonly uint[] LaterTags = [0x9F26, 0x9F67, 0x9F7B, 0xBF64];

    /// <summary>Lists the profiles that fit, with the fields wanted. Tags that the card has no data for are left out.</summary>
    public static ProfileInfoListResponse List(EuiccState state, ProfileInfoListRequest request)
    {
        IReadOnlyCollection<uint> tags;
        try
        {
            tags = request.TagList is { } list ? [.. IpaEuiccDataTag.Parse(list.Span)] : DefaultTags;
        }
        catch (ProtocolException)
        {
            return new ProfileInfoListResponse(null, ProfileInfoListError.IncorrectInputValues);
        }

        tags = state.Identity.IsV10 ? [.. tags.Except(LaterTags)] : tags;
        return new ProfileInfoListResponse([.. state.Profiles.Where(profile => Fits(profile, request)).Select(profile => Info(profile, tags))]);
    }

    private static bool Fits(StoredProfile profile, ProfileInfoListRequest request) =>
        (request.SearchIccid is not { } iccid || profile.Iccid == iccid.ToString())
        && (request.SearchIsdpAid is not { } aid || aid.Span.SequenceEqual(profile.IsdpAid))
        && (request.SearchClass is not { } wanted || profile.Class == wanted);

    private static ProfileInfo Info(StoredProfile profile, IReadOnlyCollection<uint> tags)
    {
        var info = new ProfileInfo
        {
            Iccid = tags.Contains(0x5Au) ? Iccid.Parse(profile.Iccid) : null,
            State = tags.Contains(0x9F70u) ? profile.Enabled ? ProfileState.Enabled : ProfileState.Disabled : null,
            Nickname = tags.Contains(0x90u) ? profile.Nickname : null,
            ServiceProviderName = tags.Contains(0x91u) ? profile.ServiceProviderName : null,
            ProfileName = tags.Contains(0x92u) ? profile.Name : null,
            Class = tags.Contains(0x95u) ? profile.Class : null,
            NotificationConfigurations = tags.Contains(0xB6u) && !profile.Notifications.IsEmpty ? profile.Notifications : null,
            PolicyRules = tags.Contains(0x99u) && profile.PolicyRules != ProfilePolicyRules.None ? profile.PolicyRules : null,
            FallbackAttribute = tags.Contains(0x9F26u) && profile.FallbackAttribute,
            FallbackAllowed = tags.Contains(0x9F67u) ? profile.FallbackAllowed : null,
        };

        // Set apart: in an initialiser a null here would become an empty value by way of byte[].
        info = tags.Contains(0x4Fu) ? info with { IsdpAid = profile.IsdpAid } : info;
        info = tags.Contains(0x93u) ? info with { IconType = profile.IconType } : info;
        info = tags.Contains(0xBF64u) && profile.IotMetadata is { } metadata ? info with { IotSpecific = metadata } : info;
        info = tags.Contains(0x94u) && profile.Icon is { } icon ? info with { Icon = icon } : info;
        return tags.Contains(0xB7u) && profile.Owner is { } owner ? info with { Owner = owner } : info;
    }
}

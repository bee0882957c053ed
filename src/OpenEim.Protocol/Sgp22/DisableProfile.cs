using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10c DisableProfileRequest, tag BF32 (SGP.22 5.7.17): <c>BF32{A0 profile, 81 refreshFlag}</c>.</summary>
/// <param name="Profile">A0.</param>
/// <param name="Refresh">81: whether the eUICC shall send REFRESH.</param>
public sealed record DisableProfileRequest(ProfileIdentifier Profile, bool Refresh) : IBerMessage<DisableProfileRequest>
{
    /// <inheritdoc/>
    public static DisableProfileRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.DisableProfile);
        var choice = inner.ReadConstructed(0xA0);
        var request = new DisableProfileRequest(ProfileIdentifier.Read(ref choice), inner.ReadBoolean(0x81));
        choice.ThrowIfNotEmpty();
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.DisableProfile))
        {
            using (writer.Constructed(0xA0))
            {
                Profile.Write(writer);
            }

            writer.Boolean(0x81, Refresh);
        }
    }
}

/// <summary>SGP.22 disableResult.</summary>
public enum DisableResult
{
    /// <summary>Disabled.</summary>
    Ok = 0,

    /// <summary>No such profile.</summary>
    IccidOrAidNotFound = 1,

    /// <summary>The profile is disabled already.</summary>
    ProfileNotInEnabledState = 2,

    /// <summary>The profile's rules do not allow it.</summary>
    DisallowedByPolicy = 3,

    /// <summary>A proactive session goes on.</summary>
    CatBusy = 5,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>ES10c DisableProfileResponse, tag BF32 (SGP.22 5.7.17): <c>BF32{80}</c>.</summary>
public sealed record DisableProfileResponse(DisableResult Result) : IBerMessage<DisableProfileResponse>
{
    /// <inheritdoc/>
    public static DisableProfileResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.DisableProfile);
        var response = new DisableProfileResponse((DisableResult)inner.ReadInt32(0x80));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.DisableProfile))
        {
            writer.Integer(0x80, (int)Result);
        }
    }
}

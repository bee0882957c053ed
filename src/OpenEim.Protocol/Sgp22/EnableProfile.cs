using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10c EnableProfileRequest, tag BF31 (SGP.22 5.7.16): <c>BF31{A0 profile, 81 refreshFlag}</c>.</summary>
/// <param name="Profile">A0.</param>
/// <param name="Refresh">81: whether the eUICC shall send REFRESH.</param>
public sealed record EnableProfileRequest(ProfileIdentifier Profile, bool Refresh) : IBerMessage<EnableProfileRequest>
{
    /// <inheritdoc/>
    public static EnableProfileRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.EnableProfile);
        var choice = inner.ReadConstructed(0xA0);
        var request = new EnableProfileRequest(ProfileIdentifier.Read(ref choice), inner.ReadBoolean(0x81));
        choice.ThrowIfNotEmpty();
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.EnableProfile))
        {
            using (writer.Constructed(0xA0))
            {
                Profile.Write(writer);
            }

            writer.Boolean(0x81, Refresh);
        }
    }
}

/// <summary>SGP.22 enableResult.</summary>
public enum EnableResult
{
    /// <summary>Enabled.</summary>
    Ok = 0,

    /// <summary>No such profile.</summary>
    IccidOrAidNotFound = 1,

    /// <summary>The profile is enabled already.</summary>
    ProfileNotInDisabledState = 2,

    /// <summary>The enabled profile's rules do not allow that it is disabled.</summary>
    DisallowedByPolicy = 3,

    /// <summary>A test profile may only be left for the profile that was enabled before.</summary>
    WrongProfileReenabling = 4,

    /// <summary>A proactive session goes on.</summary>
    CatBusy = 5,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>ES10c EnableProfileResponse, tag BF31 (SGP.22 5.7.16): <c>BF31{80}</c>.</summary>
public sealed record EnableProfileResponse(EnableResult Result) : IBerMessage<EnableProfileResponse>
{
    /// <inheritdoc/>
    public static EnableProfileResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.EnableProfile);
        var response = new EnableProfileResponse((EnableResult)inner.ReadInt32(0x80));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.EnableProfile))
        {
            writer.Integer(0x80, (int)Result);
        }
    }
}

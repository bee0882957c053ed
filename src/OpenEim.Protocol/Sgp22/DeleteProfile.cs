using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10c DeleteProfileRequest, tag BF33 (SGP.22 5.7.18): <c>BF33{4F or 5A}</c>.</summary>
public sealed record DeleteProfileRequest(ProfileIdentifier Profile) : IBerMessage<DeleteProfileRequest>
{
    /// <inheritdoc/>
    public static DeleteProfileRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.DeleteProfile);
        var request = new DeleteProfileRequest(ProfileIdentifier.Read(ref inner));
        inner.ThrowIfNotEmpty();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.DeleteProfile))
        {
            Profile.Write(writer);
        }
    }
}

/// <summary>SGP.22 deleteResult.</summary>
public enum DeleteResult
{
    /// <summary>Deleted.</summary>
    Ok = 0,

    /// <summary>No such profile.</summary>
    IccidOrAidNotFound = 1,

    /// <summary>The profile is enabled.</summary>
    ProfileNotInDisabledState = 2,

    /// <summary>The profile's rules do not allow it.</summary>
    DisallowedByPolicy = 3,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>ES10c DeleteProfileResponse, tag BF33 (SGP.22 5.7.18): <c>BF33{80}</c>.</summary>
public sealed record DeleteProfileResponse(DeleteResult Result) : IBerMessage<DeleteProfileResponse>
{
    /// <inheritdoc/>
    public static DeleteProfileResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.DeleteProfile);
        var response = new DeleteProfileResponse((DeleteResult)inner.ReadInt32(0x80));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.DeleteProfile))
        {
            writer.Integer(0x80, (int)Result);
        }
    }
}

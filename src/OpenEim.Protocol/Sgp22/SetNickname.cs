using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10c SetNicknameRequest, tag BF29 (SGP.22 5.7.21): <c>BF29{5A, 90}</c>.</summary>
/// <param name="Iccid">5A.</param>
/// <param name="Nickname">90: at most 64 characters; empty removes it.</param>
public sealed record SetNicknameRequest(Iccid Iccid, string Nickname) : IBerMessage<SetNicknameRequest>
{
    /// <inheritdoc/>
    public static SetNicknameRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.SetNickname);
        var request = new SetNicknameRequest(inner.ReadIccid(), inner.ReadUtf8(Sgp22Tags.ProfileNickname, 0, 256));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.SetNickname))
        {
            writer.IccidValue(Iccid);
            writer.Utf8(Sgp22Tags.ProfileNickname, Nickname);
        }
    }
}

/// <summary>SGP.22 setNicknameResult.</summary>
public enum SetNicknameResult
{
    /// <summary>Set.</summary>
    Ok = 0,

    /// <summary>No such profile.</summary>
    IccidNotFound = 1,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>ES10c SetNicknameResponse, tag BF29 (SGP.22 5.7.21): <c>BF29{80}</c>.</summary>
public sealed record SetNicknameResponse(SetNicknameResult Result) : IBerMessage<SetNicknameResponse>
{
    /// <inheritdoc/>
    public static SetNicknameResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.SetNickname);
        var response = new SetNicknameResponse((SetNicknameResult)inner.ReadInt32(0x80));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.SetNickname))
        {
            writer.Integer(0x80, (int)Result);
        }
    }
}

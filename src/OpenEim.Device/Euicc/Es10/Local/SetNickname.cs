using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Local;

/// <summary>ES10c SetNickname, tag BF29 (SGP.22 5.7.21). It changes no profile's state, so it is there beside an eIM too.</summary>
internal static class SetNickname
{
    private const int MaxCharacters = 64;

    public static SetNicknameResponse Execute(EuiccCore core, ReadOnlyMemory<byte> encoded)
    {
        var request = BerMessage.Decode<SetNicknameRequest>(encoded);
        if (core.State.FindProfile(request.Iccid) is not { } profile)
        {
            return new SetNicknameResponse(SetNicknameResult.IccidNotFound);
        }

        if (request.Nickname.Length > MaxCharacters)
        {
            return new SetNicknameResponse(SetNicknameResult.UndefinedError);
        }

        var named = profile with { Nickname = request.Nickname.Length == 0 ? null : request.Nickname };
        core.Commit(core.State with { Profiles = core.State.Profiles.Replace(profile, named) });
        return new SetNicknameResponse(SetNicknameResult.Ok);
    }
}

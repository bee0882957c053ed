using System.Security.Cryptography;
using OpenEim.Device.Euicc.Es10.Downloads;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Information;

/// <summary>ES10b GetEUICCChallenge, tag BF2E (SGP.22 5.7.7): begins a session, and ends the one before.</summary>
internal static class GetEuiccChallenge
{
    private const int ChallengeLength = 16;

    public static GetEuiccChallengeResponse Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        BerMessage.Decode<EmptyRequest>(request);
        InstallationCompletion.Interrupt(core);
        var challenge = RandomNumberGenerator.GetBytes(ChallengeLength);
        core.ChangeSession(new DownloadSession(challenge));
        return new GetEuiccChallengeResponse(challenge);
    }
}

using System.Security.Cryptography;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Information;

/// <summary>ES10b GetEUICCChallenge, tag BF2E (SGP.22 5.7.7).</summary>
internal static class GetEuiccChallenge
{
    private const int ChallengeLength = 16;

    public static GetEuiccChallengeResponse Execute(ReadOnlyMemory<byte> request)
    {
        BerMessage.Decode<EmptyRequest>(request);
        return new GetEuiccChallengeResponse(RandomNumberGenerator.GetBytes(ChallengeLength));
    }
}

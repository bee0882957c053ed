using System.Text;
using OpenEim.Fuzzing.Mutation;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Fuzzing.Seeds;

/// <summary>Scripts of APDUs, of answers of servers, and of answers of a card.</summary>
internal static class LineSeeds
{
    private const string Open = "80AA000005A903830107\n0070000001\n01A4040010A0000005591010FFFFFFFF890000010000\n";

    private static readonly string[] Apdus =
    [
        Open + "81E2910006BF3E035C015A\n81C0000013\n",
        Open + "81E2910003BF2D00\n81C0000000\n81C0000000\n",
        Open + "81E2910003BF5500\n81C0000000\n81E2910003BF2200\n81C0000000\n",
        Open + "81E2110002BF3E\n81E2910104035C015A\n81C0000013\n",
        "00A4040007A0000000871002\n0070800100\n00B0000000\n80F2000000\n",
        Open + "81E2910005BF2B028100\n81C0000000\n81E2910006BF3003800101\n81C0000000\n",
    ];

    /// <summary>Scripts for the target with this name.</summary>
    public static IEnumerable<byte[]> For(string target, string checkout) => target switch
    {
        "card-apdus" => Apdus.Select(Encoding.ASCII.GetBytes),
        "ipa-card" => Cards(checkout),
        _ => Servers(checkout),
    };

    /// <summary>Each message as a card gives it: whole, and in two parts.</summary>
    private static IEnumerable<byte[]> Cards(string checkout) => SeedBytes.Vectors(checkout)
        .Where(vector => vector.Bytes.Length is > 2 and < 250 && vector.Bytes[0] == 0xBF)
        .SelectMany(vector => new[]
        {
            HexLines.Write([[.. vector.Bytes, 0x90, 0x00]]),
            HexLines.Write([[0x61, (byte)vector.Bytes.Length], [.. vector.Bytes[..2], 0x61, (byte)(vector.Bytes.Length - 2)], [.. vector.Bytes[2..], 0x91, 0x0B]]),
        })
        .Where((_, index) => index % 9 == 0);

    private static IEnumerable<byte[]> Servers(string checkout)
    {
        var vectors = SeedBytes.Vectors(checkout).ToDictionary(vector => vector.Name, vector => vector.Bytes, StringComparer.Ordinal);
        byte[] direct = Package(new ProfileDownloadTriggerRequest("1$127.0.0.1:00000$CODE").Encode());
        yield return HexLines.Write([Package(new IpaEuiccDataRequest(IpaEuiccDataTag.List(0xA0, 0x81, 0xA2, 0xBF20, 0xBF22, 0x83, 0x84, 0xA5, 0xA6, 0xA8, 0xA9)).Encode()), Convert.FromHexString("BF50023000")]);
        yield return HexLines.Write([new GetEimPackageResponse(null, GetEimPackageError.EidNotFound).Encode()]);
        yield return HexLines.Write([[]]);

        // The IPA asks as it is told to: by the eIM (BF39, BF3B, BF3A), or the SM-DP+ itself.
        string[] functions = ["initiateAuthentication", "authenticateClient", "getBoundProfilePackage"];
        yield return HexLines.Write([direct, .. functions.Select(function => vectors[$"es9plus.{function}.response.asn1"])]);
        yield return HexLines.Write([direct, .. functions.Select(function => BerNode.Write(BerNode.ReadAll(vectors[$"es9plus.{function}.response.asn1"])![0].Children!))]);
        yield return HexLines.Write([direct, .. SeedBytes.JsonVectors(checkout).Where(vector => vector.Name.EndsWith(".response.json", StringComparison.Ordinal)).Select(vector => Encoding.UTF8.GetBytes(vector.Json))]);
        foreach (var request in vectors.Where(vector => vector.Value is [0xBF, 0x51 or 0x52 or 0x54, ..]).Select(vector => vector.Value).Where((_, index) => index % 4 == 0))
        {
            yield return HexLines.Write([Package(request), Convert.FromHexString("BF5009BF5306020101020102")]);
        }
    }

    private static byte[] Package(byte[] package) => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0xBF4F))
        {
            writer.WriteEncodedValue(package);
        }
    });
}

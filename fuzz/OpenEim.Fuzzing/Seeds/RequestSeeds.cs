using System.Text;
using OpenEim.Fuzzing.Targets.Listeners;
using OpenEim.Protocol.Sgp22.Es2Plus;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Fuzzing.Seeds;

/// <summary>Requests to the listeners that have routes.</summary>
internal static class RequestSeeds
{
    private static readonly string[] Rest =
    [
        "GET /api/v1/eim\n\n", "GET /api/v1/eim/initial_configuration\n\n", "GET /api/v1/euicc/status\n\n", "GET /api/v1/euicc/profile/status\n\n",
        "GET /api/v1/euicc/operation/action\n\n", "GET /api/v1/euicc/operation/status\n\n", "GET /health/live\n\n", "GET /health/ready\n\n",
        "GET /api/v1/euicc\n\n", "GET /api/v1/euicc?page=1&per_page=2&sort=-eid&q=status:1\n\n", "GET /api/v1/euicc?q=eid:8904*\n\n", "GET /api/v1/euicc/1\n\n",
        "GET /api/v1/euicc/1/operation?sort=-creation_date&q=status:1|2\n\n", "GET /api/v1/euicc/1/operation/01890000-0000-7000-8000-000000000000\n\n",
        "DELETE /api/v1/euicc/1/operation/01890000-0000-7000-8000-000000000000\n\n", "DELETE /api/v1/euicc/7\n\n",
        "GET /api/v1/application_token\n\n", "GET /api/v1/profile?q=status:1\n\n", "GET /api/v1/profile/8949000000000000001\n\n", "DELETE /api/v1/profile/8949000000000000001\n\n",
        """
        POST /api/v1/euicc

        [{"eid":"89049032000000000000000000000002","name":"Second","supported_profile_type":{"id":1}}]
        """,
        """
        PATCH /api/v1/euicc/1

        {"name":"Another"}
        """,
        """
        POST /api/v1/euicc/1/operation
        Idempotency-Key: one

        [{"action":{"id":2},"validity_period":3600}]
        """,
        """
        POST /api/v1/euicc/1/operation

        [{"action":{"id":1},"activation_code":"1$smdp.example.com$CODE","enable":true},{"action":{"id":3},"iccid_with_luhn":"8949000000000000001","rollback":true}]
        """,
        """
        POST /api/v1/euicc/operation

        [{"euicc":{"id":1},"action":{"id":4},"iccid_with_luhn":"8949000000000000002"}]
        """,
        """
        POST /api/v1/euicc/operation

        {"q":"status:1","operation":{"action":{"id":2}}}
        """,
        """
        POST /api/v1/application_token

        {"description":"a token","expiry_date":"2030-01-02","role":{"id":2},"ip":"127.0.0.1/32"}
        """,
        """
        PATCH /api/v1/application_token/2

        {"description":"another","status":{"id":1}}
        """,
        """
        POST /api/v1/authenticate

        {"application_token":"x"}
        """,
        """
        POST /api/v1/profile

        {"profile_type":"IoT","euicc":{"id":1}}
        """,
        """
        PATCH /api/v1/profile/8949000000000000001

        {"confirm":true}
        """,
    ];

    /// <summary>Requests for the target with this name.</summary>
    public static IEnumerable<byte[]> For(string target, string checkout) => target switch
    {
        "rest" => Rest.Select(text => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"))),
        "es2plus" => Es2Plus(),
        "esipa-json" => EsipaJson(),
        _ => SeedBytes.JsonVectors(checkout).Where(vector => vector.Name.EndsWith(".request.json", StringComparison.Ordinal)).Select(Es9Plus)
            .Append(Post(Es9PlusPaths.CancelSession, """{"transactionId":"0A0B","cancelSessionResponse":"v0EDgQEC"}""")),
    };

    private static byte[] Es9Plus((string Name, string Json) vector) => Post("/gsma/rsp2/es9plus/" + vector.Name.Split('.')[1], vector.Json);

    private static IEnumerable<byte[]> Es2Plus() =>
    [
        Post(Es2PlusPaths.DownloadOrder, $$"""{"header":{"functionRequesterIdentifier":"eim","functionCallIdentifier":"CALL"},"profileType":"{{SmdpLab.ProfileType}}"}"""),
        Post(Es2PlusPaths.DownloadOrder, """{"header":{"functionRequesterIdentifier":"eim","functionCallIdentifier":"CALL"},"eid":"89049032000000000000000000000001","iccid":"8949000000000000001F"}"""),
        Post(Es2PlusPaths.ConfirmOrder, """{"header":{"functionRequesterIdentifier":"eim","functionCallIdentifier":"CALL"},"iccid":"8949000000000000001F","matchingId":"A-1","confirmationCode":"1234","releaseFlag":true}"""),
        Post(Es2PlusPaths.ConfirmOrder, """{"header":{"functionRequesterIdentifier":"eim","functionCallIdentifier":"7"},"iccid":"8949000000000000001F","eid":"89049032000000000000000000000001","smdsAddress":"smds.example.com","releaseFlag":false}"""),
        Post(Es2PlusPaths.CancelOrder, """{"header":{"functionRequesterIdentifier":"eim","functionCallIdentifier":"CALL"},"iccid":"8949000000000000001F","matchingId":"A-1","finalProfileStatusIndicator":"Available"}"""),
        Post(Es2PlusPaths.ReleaseProfile, """{"header":{"functionRequesterIdentifier":"eim","functionCallIdentifier":"CALL"},"iccid":"8949000000000000001F"}"""),
    ];

    private static IEnumerable<byte[]> EsipaJson() =>
    [
        Post(Protocol.Sgp32.Json.EsipaJson.PathPrefix + "getEimPackage", """{"eidValue":"89049032000000000000000000000001","notifyStateChange":true,"stateChangeCause":1,"rPlmn":"MvQQ"}"""),
        Post(Protocol.Sgp32.Json.EsipaJson.PathPrefix + "provideEimPackageResult", """{"eidValue":"89049032000000000000000000000001","eimPackageResult":"oAiAA6sCAwIBAQ=="}"""),
        Post(Protocol.Sgp32.Json.EsipaJson.PathPrefix + "provideEimPackageResult", """{"provideEimPackageResult":"v1AXWhCJBJAyAAAAAAAAAAAAAAABoAMCAQE="}"""),
        Post(Protocol.Sgp32.Json.EsipaJson.PathPrefix + "handleNotification", """{"provideEimPackageResult":"v1AXWhCJBJAyAAAAAAAAAAAAAAABoAMCAQE="}"""),
        Post(Protocol.Sgp32.Json.EsipaJson.PathPrefix + "initiateAuthentication", """{"euiccChallenge":"AAECAwQFBgcICQoLDA0ODw==","euiccInfo1":"vyAJggMCBQqpAKoA","smdpAddress":"smdp.example.com","eimTransactionId":"AB0203"}"""),
        Post(Protocol.Sgp32.Json.EsipaJson.PathPrefix + "authenticateClient", """{"transactionId":"AB0203","authenticateServerResponse":"vzgDgAEB"}"""),
        Post(Protocol.Sgp32.Json.EsipaJson.PathPrefix + "getBoundProfilePackage", """{"transactionId":"AB0203","prepareDownloadResponse":"vyEDgAEB"}"""),
        Post(Protocol.Sgp32.Json.EsipaJson.PathPrefix + "cancelSession", """{"transactionId":"AB0203","cancelSessionResponse":"v0EDgQEF"}"""),
    ];

    private static byte[] Post(string path, string json) => new HttpInput("POST", path, [], Encoding.UTF8.GetBytes(json)).Write();
}

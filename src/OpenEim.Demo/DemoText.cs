using OpenEim.Device.Fleet;
using OpenEim.Server;
using OpenEim.Smdp;

namespace OpenEim.Demo;

/// <summary>What a newcomer reads: enough to run a first operation within a minute.</summary>
internal static class DemoText
{
    public static void Print(DemoOptions options, EimHost host, SmdpHost smdp, string token, DeviceFleet fleet, Dictionary<string, long> ids)
    {
        var api = host.ApiUrl.ToString().TrimEnd('/');
        var first = ids[fleet.Devices[0].Eid.ToString()];
        var travel = DemoFleet.IccidOf(0, 2);
        var dead = DemoFleet.IccidOf(0, 4);
        Console.WriteLine(
            $$"""

            OpenEim is up: {{fleet.Devices.Count}} virtual devices poll every {{options.PollInterval.TotalSeconds:0.#}} s.
              REST API  {{api}}/api/v1      ESipa  {{host.EsipaUrl}}      SM-DP+  {{smdp.Es9PlusUrl}}      data  {{Path.GetFullPath(options.Data)}}

            Log in, enable the profile "Travel" on the first device, and watch it happen:

              TOKEN=$(curl -s {{api}}/api/v1/authenticate -d '{"application_token":"{{token}}"}' | sed 's/.*:"\(.*\)".*/\1/')
              curl -s -H "Authorization: Bearer $TOKEN" {{api}}/api/v1/euicc/{{first}}/operation -d '[{"action":{"id":3},"iccid_with_luhn":"{{travel}}"}]'
              curl -s -H "Authorization: Bearer $TOKEN" {{api}}/api/v1/euicc/{{first}}/operation?sort=-creation_date

            When that has succeeded, order a profile from the SM-DP+, download and enable it:

              CODE=$(curl -s -H "Authorization: Bearer $TOKEN" {{api}}/api/v1/profile -d '{"profile_type":"{{DemoSmdp.TypeName}}"}' | sed 's/.*"activation_code":"\([^"]*\)".*/\1/')
              curl -s -H "Authorization: Bearer $TOKEN" {{api}}/api/v1/euicc/{{first}}/operation -d '[{"action":{"id":2},"activation_code":"'$CODE'","enable":true,"rollback":true}]'

            The type "{{DemoSmdp.DeadTypeName}}" has no network: download one with "rollback":true and the device comes back by itself.
            So it does with "rollback":true and {{dead}}.
            eUICC {{ids[DemoFleet.NotIot.ToString()]}} is no IoT eUICC: it is listed, and takes no operations.
            Each device has a folder in {{Path.Combine(options.Data, "devices")}}; edit its network.json to switch it off, kill networks or lose answers.
            Ctrl-C ends it.
            """);
    }
}

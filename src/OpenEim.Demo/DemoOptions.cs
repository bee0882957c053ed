using OpenEim.Device;
using OpenEim.Device.Ipa;

namespace OpenEim.Demo;

/// <summary>What the demo is started with.</summary>
/// <param name="Data">The folder that everything is kept in.</param>
/// <param name="Devices">How many virtual devices.</param>
/// <param name="PollInterval">The pause between two polls of a device.</param>
/// <param name="ApiUrl">Where the REST API listens.</param>
/// <param name="EsipaUrl">Where devices poll.</param>
/// <param name="SmdpUrl">Where the SM-DP+ hands out profiles (ES9+).</param>
/// <param name="DirectDownload">Whether devices go to the SM-DP+ themselves instead of through the eIM.</param>
/// <param name="Sgp32">The version of SGP.32 that new devices speak.</param>
/// <param name="Esipa">The binding of ESipa that devices speak.</param>
/// <param name="Pki">A folder with PEM files of one's own.</param>
/// <param name="Verbose">Whether to print what server and devices log.</param>
internal sealed record DemoOptions(
    string Data, int Devices, TimeSpan PollInterval, Uri ApiUrl, Uri EsipaUrl, Uri SmdpUrl, bool DirectDownload, Sgp32Version Sgp32,
    EsipaBinding Esipa, string? Pki, bool Verbose)
{
    /// <summary>The versions as they are written on a command line.</summary>
    public static readonly IReadOnlyDictionary<string, Sgp32Version> Versions = new Dictionary<string, Sgp32Version>
    {
        ["1.0"] = Sgp32Version.V10,
        ["1.2"] = Sgp32Version.V12,
        ["1.3"] = Sgp32Version.V13,
    };

    /// <summary>The bindings as they are written on a command line.</summary>
    public static readonly IReadOnlyDictionary<string, EsipaBinding> Bindings = new Dictionary<string, EsipaBinding>
    {
        ["asn1"] = EsipaBinding.Asn1,
        ["json"] = EsipaBinding.Json,
    };
}

using OpenEim.Device.Euicc.Es10.Eims;
using OpenEim.Device.Euicc.Es10.Fallback;
using OpenEim.Device.Euicc.Es10.Information;
using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Es10.Packages;
using OpenEim.Device.Euicc.Es10.Profiles;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;

namespace OpenEim.Device.Euicc.Es10;

/// <summary>The functions of ES10a, ES10b and ES10c that the ISD-R offers, by the outer tag of the request.</summary>
internal static class Es10Functions
{
    /// <summary>Executes one function.</summary>
    /// <returns>The response; null when the card does not know the function.</returns>
    /// <exception cref="ProtocolException">The request is malformed.</exception>
    public static byte[]? Execute(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        var reader = new BerReader(request);
        reader.ReadEncoded(out var function);
        reader.ThrowIfNotEmpty();
        var response = function switch
        {
            0xBF20 => GetEuiccInfo.Info1(core, request),
            0xBF22 => GetEuiccInfo.Info2(core, request),
            0xBF2B => RetrieveNotificationsList.Execute(core, request),
            0xBF2D => GetProfilesInfo.Execute(core, request),
            0xBF2E => GetEuiccChallenge.Execute(request),
            0xBF30 => RemoveNotification.Execute(core, request),
            0xBF3C => GetEuiccConfiguredAddresses.Execute(core, request),
            0xBF3E => GetEid.Execute(core, request),
            0xBF43 => GetRulesAuthorisationTable.Execute(request),
            _ when core.Identity.IsIot => IotFunction(core, function, request),
            _ => null,
        };
        return response?.Encode();
    }

    private static IBerMessage? IotFunction(EuiccCore core, uint function, ReadOnlyMemory<byte> request) => function switch
    {
        0xBF51 => LoadEuiccPackage.Execute(core, request),
        0xBF55 => GetEimConfigurationData.Execute(core, request),
        0xBF56 => GetCerts.Execute(core, request),
        0xBF57 => AddInitialEim.Execute(core, request),
        0xBF58 => ProfileRollback.Execute(core, request),
        0xBF5D => ExecuteFallbackMechanism.Execute(core, request),
        0xBF5E => ReturnFromFallback.Execute(core, request),
        0xBF65 => SetDefaultDpAddressFunction.Execute(core, request),
        _ => null,
    };
}

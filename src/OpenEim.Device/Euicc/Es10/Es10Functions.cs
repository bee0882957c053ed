using OpenEim.Device.Euicc.Apdus;
using OpenEim.Device.Euicc.Es10.Downloads;
using OpenEim.Device.Euicc.Es10.Eims;
using OpenEim.Device.Euicc.Es10.Emergency;
using OpenEim.Device.Euicc.Es10.Fallback;
using OpenEim.Device.Euicc.Es10.Information;
using OpenEim.Device.Euicc.Es10.Local;
using OpenEim.Device.Euicc.Es10.Notifications;
using OpenEim.Device.Euicc.Es10.Packages;
using OpenEim.Device.Euicc.Es10.Profiles;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;

namespace OpenEim.Device.Euicc.Es10;

/// <summary>The functions of ES10a, ES10b and ES10c that the ISD-R offers, by the outer tag of the request.</summary>
internal static class Es10Functions
{
    /// <summary>Executes one function, or takes one segment of a bound profile package.</summary>
    /// <param name="core">The card.</param>
    /// <param name="request">What the STORE DATA blocks made up.</param>
    /// <param name="response">The response; empty where there is nothing to say, as to a segment that more must follow.</param>
    /// <returns>The status word of an empty response.</returns>
    /// <exception cref="ProtocolException">The request is malformed.</exception>
    public static ushort Execute(EuiccCore core, ReadOnlyMemory<byte> request, out byte[] response)
    {
        if (LoadBoundProfilePackage.IsSegment(request.Span))
        {
            return LoadBoundProfilePackage.Execute(core, request, out response);
        }

        var reader = new BerReader(request);
        reader.ReadEncoded(out var function);
        reader.ThrowIfNotEmpty();
        var message = CommonFunction(core, function, request)
            ?? (core.Identity is { IsIot: true, IsV10: true } ? FunctionV10(core, function, request) : null)
            ?? LocalFunction(core, function, request)
            ?? (core.Identity.IsIot ? IotFunction(core, function, request) : null)
            ?? (core.Identity is { IsIot: true, IsV10: false } ? LaterFunction(core, function, request) : null);
        response = message?.Encode() ?? [];
        return message is null ? StatusWord.ReferencedDataNotFound : StatusWord.Ok;
    }

    private static IBerMessage? CommonFunction(EuiccCore core, uint function, ReadOnlyMemory<byte> request) => function switch
    {
        0xBF20 => GetEuiccInfo.Info1(core, request),
        0xBF21 => PrepareDownload.Execute(core, request),
        0xBF22 => GetEuiccInfo.Info2(core, request),
        0xBF28 => ListNotification.Execute(core, request),
        0xBF2B => RetrieveNotificationsList.Execute(core, request),
        0xBF2D => GetProfilesInfo.Execute(core, request),
        0xBF2E => GetEuiccChallenge.Execute(core, request),
        0xBF30 => RemoveNotification.Execute(core, request),
        0xBF38 => AuthenticateServer.Execute(core, request),
        0xBF3C => GetEuiccConfiguredAddresses.Execute(core, request),
        0xBF3E => GetEid.Execute(core, request),
        0xBF41 => CancelSession.Execute(core, request),
        0xBF43 => GetRulesAuthorisationTable.Execute(request),
        _ => null,
    };

    private static IBerMessage? LocalFunction(EuiccCore core, uint function, ReadOnlyMemory<byte> request) => function switch
    {
        0xBF29 => SetNickname.Execute(core, request),
        0xBF31 => LocalEnableProfile.Execute(core, request),
        0xBF32 => LocalDisableProfile.Execute(core, request),
        0xBF33 => LocalDeleteProfile.Execute(core, request),
        0xBF34 => LocalMemoryReset.Execute(core, request),
        0xBF3F => LocalSetDefaultDpAddress.Execute(core, request),
        _ => null,
    };

    private static IBerMessage? IotFunction(EuiccCore core, uint function, ReadOnlyMemory<byte> request) => function switch
    {
        0xBF51 => LoadEuiccPackage.Execute(core, request),
        0xBF55 => GetEimConfigurationData.Execute(core, request),
        0xBF56 => GetCerts.Execute(core, request),
        0xBF57 => AddInitialEim.Execute(core, request),
        0xBF58 => ProfileRollback.Execute(core, request),
        0xBF59 => ConfigureImmediateProfileEnabling.Execute(core, request),
        0xBF5A => ImmediateEnable.Execute(core, request),
        _ => null,
    };

    private static IBerMessage? FunctionV10(EuiccCore core, uint function, ReadOnlyMemory<byte> request) => function switch
    {
        0xBF34 => IotMemoryReset.ExecuteV10(core, request),
        _ => null,
    };

    /// <summary>What SGP.32 has beyond v1.0.</summary>
    private static IBerMessage? LaterFunction(EuiccCore core, uint function, ReadOnlyMemory<byte> request) => function switch
    {
        0xBF42 => IpaeActivation.Execute(request),
        0xBF5B => EmergencyProfile.Enable(core, request),
        0xBF5C => EmergencyProfile.Disable(core, request),
        0xBF5D => ExecuteFallbackMechanism.Execute(core, request),
        0xBF5E => ReturnFromFallback.Execute(core, request),
        0xBF5F => GetConnectivityParameters.Execute(core, request),
        0xBF64 => IotMemoryReset.Execute(core, request),
        0xBF65 => SetDefaultDpAddressFunction.Execute(core, request),
        _ => null,
    };
}

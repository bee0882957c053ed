namespace OpenEim.Protocol.Ber;

/// <summary>The tags that SGP.32 adds to <see cref="Sgp22Tags"/>.</summary>
public static class Sgp32Tags
{
    /// <summary>IpaeActivationRequest and its response.</summary>
    public const uint IpaeActivation = 0xBF42;

    /// <summary>TransferEimPackageRequest and its response.</summary>
    public const uint TransferEimPackage = 0xBF4E;

    /// <summary>GetEimPackageRequest and its response.</summary>
    public const uint GetEimPackage = 0xBF4F;

    /// <summary>ProvideEimPackageResult and its response.</summary>
    public const uint ProvideEimPackageResult = 0xBF50;

    /// <summary>EuiccPackageRequest.</summary>
    public const uint EuiccPackageRequest = 0xBF51;

    /// <summary>EuiccPackageResult.</summary>
    public const uint EuiccPackageResult = 0xBF51;

    /// <summary>IpaEuiccDataRequest and its response.</summary>
    public const uint IpaEuiccData = 0xBF52;

    /// <summary>EimAcknowledgements.</summary>
    public const uint EimAcknowledgements = 0xBF53;

    /// <summary>ProfileDownloadTriggerRequest.</summary>
    public const uint ProfileDownloadTriggerRequest = 0xBF54;

    /// <summary>ProfileDownloadTriggerResult.</summary>
    public const uint ProfileDownloadTriggerResult = 0xBF54;

    /// <summary>GetEimConfigurationDataRequest and its response.</summary>
    public const uint GetEimConfigurationData = 0xBF55;

    /// <summary>GetCertsRequest and its response.</summary>
    public const uint GetCerts = 0xBF56;

    /// <summary>AddInitialEimRequest and its response.</summary>
    public const uint AddInitialEim = 0xBF57;

    /// <summary>ProfileRollbackRequest and its response.</summary>
    public const uint ProfileRollback = 0xBF58;

    /// <summary>ConfigureImmediateProfileEnablingRequest and its response.</summary>
    public const uint ConfigureImmediateProfileEnabling = 0xBF59;

    /// <summary>ImmediateEnableRequest and its response.</summary>
    public const uint ImmediateEnable = 0xBF5A;

    /// <summary>EnableEmergencyProfileRequest and its response.</summary>
    public const uint EnableEmergencyProfile = 0xBF5B;

    /// <summary>DisableEmergencyProfileRequest and its response.</summary>
    public const uint DisableEmergencyProfile = 0xBF5C;

    /// <summary>ExecuteFallbackMechanismRequest and its response.</summary>
    public const uint ExecuteFallbackMechanism = 0xBF5D;

    /// <summary>ReturnFromFallbackRequest and its response.</summary>
    public const uint ReturnFromFallback = 0xBF5E;

    /// <summary>GetConnectivityParametersRequest and its response.</summary>
    public const uint GetConnectivityParameters = 0xBF5F;

    /// <summary>eimPackageReceivedWithCid, since v1.3.</summary>
    public const uint EimPackageReceivedWithCid = 0xBF60;

    /// <summary>eimPackageErrorWithCid, since v1.3.</summary>
    public const uint EimPackageErrorWithCid = 0xBF61;

    /// <summary>EuiccMemoryResetRequest of ES10b and its response.</summary>
    public const uint EuiccMemoryReset = 0xBF64;

    /// <summary>iotSpecificProfileInfo and iotSpecificMetadata, since v1.3.</summary>
    public const uint IotSpecific = 0xBF64;

    /// <summary>SetDefaultDpAddressRequest of ES10b and its response; the PSMO setDefaultDpAddress and its result.</summary>
    public const uint SetDefaultDpAddress = 0xBF65;

    /// <summary>ISDRProprietaryApplicationTemplateIoT.</summary>
    public const uint IsdrTemplateIot = 0xE1;

    /// <summary>fallbackAttribute.</summary>
    public const uint FallbackAttribute = 0x9F26;

    /// <summary>fallbackAllowed.</summary>
    public const uint FallbackAllowed = 0x9F67;
}

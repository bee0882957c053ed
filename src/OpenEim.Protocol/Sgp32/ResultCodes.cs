namespace OpenEim.Protocol.Sgp32;

// The standard's outcomes with the standard's numbers (SGP.32 2.11.2.1).
#pragma warning disable CS1591

/// <summary>Result of PSMO enable.</summary>
public enum EnableProfileResult
{
    Ok = 0,
    IccidOrAidNotFound = 1,
    ProfileNotInDisabledState = 2,
    DisallowedByPolicy = 3,
    CatBusy = 5,
    RollbackNotAvailable = 20,
    UndefinedError = 127,
}

/// <summary>Result of PSMO disable.</summary>
public enum DisableProfileResult
{
    Ok = 0,
    IccidOrAidNotFound = 1,
    ProfileNotInEnabledState = 2,
    DisallowedByPolicy = 3,
    CatBusy = 5,
    UndefinedError = 127,
}

/// <summary>Result of PSMO delete.</summary>
public enum DeleteProfileResult
{
    Ok = 0,
    IccidOrAidNotFound = 1,
    ProfileNotInDisabledState = 2,
    DisallowedByPolicy = 3,
    RollbackNotAvailable = 20,
    ReturnFallbackProfile = 21,
    UndefinedError = 127,
}

/// <summary>Result of PSMO configureImmediateEnable.</summary>
public enum ConfigureImmediateEnableResult
{
    Ok = 0,
    InsufficientMemory = 1,
    CommandError = 7,
    UndefinedError = 127,
}

/// <summary>Result of PSMO setFallbackAttribute.</summary>
public enum SetFallbackAttributeResult
{
    Ok = 0,
    IccidOrAidNotFound = 1,
    FallbackNotAllowed = 2,
    FallbackProfileEnabled = 3,
    UndefinedError = 127,
}

/// <summary>Result of PSMO unsetFallbackAttribute.</summary>
public enum UnsetFallbackAttributeResult
{
    Ok = 0,
    NoFallbackAttribute = 2,
    FallbackProfileEnabled = 3,
    CommandError = 7,
    UndefinedError = 127,
}

/// <summary>Result of PSMO setDefaultDpAddress.</summary>
public enum SetDefaultDpAddressResult
{
    Ok = 0,
    UndefinedError = 127,
}

/// <summary>Result of a profile rollback, in the package result that replaces the first one.</summary>
public enum RollbackProfileResult
{
    Ok = 0,
    UndefinedError = 127,
}

/// <summary>Error of eCO addEim and of AddInitialEim.</summary>
public enum AddEimResultCode
{
    Ok = 0,
    InsufficientMemory = 1,
    AssociatedEimAlreadyExists = 2,
    CiPkUnknown = 3,
    InvalidAssociationToken = 5,
    CounterValueOutOfRange = 6,
    CommandError = 7,
    UndefinedError = 127,
}

/// <summary>Result of eCO deleteEim; 2 is a success.</summary>
public enum DeleteEimResult
{
    Ok = 0,
    EimNotFound = 1,
    LastEimDeleted = 2,
    CommandError = 7,
    UndefinedError = 127,
}

/// <summary>Result of eCO updateEim.</summary>
public enum UpdateEimResult
{
    Ok = 0,
    EimNotFound = 1,
    CiPkUnknown = 3,
    CounterValueOutOfRange = 6,
    CommandError = 7,
    UndefinedError = 127,
}

/// <summary>Why the eUICC stopped working on a package.</summary>
public enum ProcessingTerminated
{
    ResultSizeOverflow = 1,
    UnknownOrDamagedCommand = 2,
    Interruption = 3,
    UndefinedError = 127,
}

/// <summary>EuiccPackageErrorCode: why the eUICC refused a whole package, signed.</summary>
public enum EuiccPackageErrorCode
{
    InvalidEid = 3,
    ReplayError = 4,
    CounterValueOutOfRange = 6,
    SizeOverflow = 15,
    EcallActive = 104,
    UndefinedError = 127,
}

/// <summary>IpaEuiccDataErrorCode: why a data request was not answered.</summary>
public enum IpaEuiccDataErrorCode
{
    IncorrectTagList = 1,
    EuiccCiPkIdNotFound = 5,
    EcallActive = 104,
    UndefinedError = 127,
}

/// <summary>EimPackageResultErrorCode: why an IPA could not use what it got from the eIM.</summary>
public enum EimPackageResultErrorCode
{
    InvalidPackageFormat = 1,
    UnknownPackage = 2,
    UndefinedError = 127,
}

/// <summary>StateChangeCause: why the eUICC's state changed without a package of ours.</summary>
public enum StateChangeCause
{
    OtherEim = 0,
    Fallback = 1,
    EmergencyProfile = 2,
    Local = 3,
    Reset = 4,
    ImmediateEnableProfile = 5,
    DeviceChange = 6,
    Undefined = 127,
}

/// <summary>Error of ESipa GetEimPackage; 1 is the idle answer.</summary>
public enum GetEimPackageError
{
    NoEimPackageAvailable = 1,
    EidNotFound = 2,
    InvalidEid = 3,
    MissingEid = 4,
    UndefinedError = 127,
}

/// <summary>Error of ESipa ProvideEimPackageResult.</summary>
public enum ProvideEimPackageResultError
{
    EidNotFound = 2,
    InvalidEid = 3,
    MissingEid = 4,
    UndefinedError = 127,
}

/// <summary>Result of ES10b ProfileRollback.</summary>
public enum ProfileRollbackResult
{
    Ok = 0,
    RollbackNotAllowed = 1,
    CatBusy = 5,
    CommandError = 7,
    UndefinedError = 127,
}

/// <summary>Result of ES10b ExecuteFallbackMechanism.</summary>
public enum ExecuteFallbackResult
{
    Ok = 0,
    ProfileNotInDisabledState = 2,
    CatBusy = 5,
    FallbackNotAvailable = 6,
    CommandError = 7,
    EcallActive = 104,
    UndefinedError = 127,
}

/// <summary>Result of ES10b ReturnFromFallback.</summary>
public enum ReturnFromFallbackResult
{
    Ok = 0,
    CatBusy = 5,
    FallbackNotAvailable = 6,
    CommandError = 7,
    UndefinedError = 127,
}

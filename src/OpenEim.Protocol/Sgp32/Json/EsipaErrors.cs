using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Protocol.Sgp32.Json;

/// <summary>The errors of ESipa's ASN.1 binding as the status codes of its JSON binding, and back.</summary>
/// <remarks>The errors of ES9+ have the same numbers there. ESipa's own follow them, with codes of their own (docs/divergences.md).</remarks>
public static class EsipaErrors
{
    /// <summary>Anything else: the execution of the function failed.</summary>
    private static readonly StatusCode Undefined = new("1.6", "4.2");

    private static readonly (InitiateAuthenticationErrorEsipa Error, StatusCode Code)[] Initiate =
    [
        .. Es9PlusErrors.InitiateAuthentication.Select(row => ((InitiateAuthenticationErrorEsipa)(int)row.Error, row.Code)),
        (InitiateAuthenticationErrorEsipa.SmdpAddressMismatch, new StatusCode("8.8.1", "3.10")),
        (InitiateAuthenticationErrorEsipa.SmdpOidMismatch, StatusCodes.InvalidOid),
        (InitiateAuthenticationErrorEsipa.InvalidEimTransactionId, StatusCodes.UnknownTransaction),
        (InitiateAuthenticationErrorEsipa.UndefinedError, Undefined),
    ];

    private static readonly (AuthenticateClientErrorEsipa Error, StatusCode Code)[] Authenticate =
    [
        .. Es9PlusErrors.AuthenticateClient.Select(row => ((AuthenticateClientErrorEsipa)(int)row.Error, row.Code)),
        (AuthenticateClientErrorEsipa.DownloadOrderExpired, StatusCodes.OrderExpired),
        (AuthenticateClientErrorEsipa.PprNotAllowed, new StatusCode("8.2.5", "3.8")),
        (AuthenticateClientErrorEsipa.EventIdUnknown, new StatusCode("8.9.5", "3.9")),
        (AuthenticateClientErrorEsipa.UndefinedError, Undefined),
    ];

    private static readonly (GetBoundProfilePackageErrorEsipa Error, StatusCode Code)[] Package =
    [
        .. Es9PlusErrors.GetBoundProfilePackage.Select(row => ((GetBoundProfilePackageErrorEsipa)(int)row.Error, row.Code)),
        (GetBoundProfilePackageErrorEsipa.MetadataMismatch, new StatusCode("8.2", "3.10")),
        (GetBoundProfilePackageErrorEsipa.UndefinedError, Undefined),
    ];

    private static readonly (CancelSessionErrorEsipa Error, StatusCode Code)[] Cancel =
    [
        .. Es9PlusErrors.CancelSession.Select(row => ((CancelSessionErrorEsipa)(int)row.Error, row.Code)),
        (CancelSessionErrorEsipa.UndefinedError, Undefined),
    ];

    // ProvideEimPackageResult has the same numbers from 2 on.
    private static readonly (GetEimPackageError Error, StatusCode Code)[] Eim =
    [
        (GetEimPackageError.NoEimPackageAvailable, new StatusCode("8.1.1", "3.7")),
        (GetEimPackageError.EidNotFound, new StatusCode("8.1.1", "3.9")),
        (GetEimPackageError.InvalidEid, new StatusCode("8.1.1", "2.1")),
        (GetEimPackageError.MissingEid, StatusCodes.EidMissing),
        (GetEimPackageError.UndefinedError, Undefined),
    ];

    /// <summary>The code of an error of InitiateAuthentication.</summary>
    public static StatusCode CodeOf(InitiateAuthenticationErrorEsipa error) => CodeOf(Initiate, error);

    /// <summary>The code of an error of AuthenticateClient.</summary>
    public static StatusCode CodeOf(AuthenticateClientErrorEsipa error) => CodeOf(Authenticate, error);

    /// <summary>The code of an error of GetBoundProfilePackage.</summary>
    public static StatusCode CodeOf(GetBoundProfilePackageErrorEsipa error) => CodeOf(Package, error);

    /// <summary>The code of an error of CancelSession.</summary>
    public static StatusCode CodeOf(CancelSessionErrorEsipa error) => CodeOf(Cancel, error);

    /// <summary>The code of an error of GetEimPackage or ProvideEimPackageResult.</summary>
    public static StatusCode CodeOf(GetEimPackageError error) => CodeOf(Eim, error);

    /// <summary>The error of InitiateAuthentication; undefinedError for a code that it has no number for, or none.</summary>
    public static InitiateAuthenticationErrorEsipa InitiateAuthentication(StatusCode? code) => ErrorOf(Initiate, code);

    /// <summary>The error of AuthenticateClient; undefinedError for a code that it has no number for, or none.</summary>
    public static AuthenticateClientErrorEsipa AuthenticateClient(StatusCode? code) => ErrorOf(Authenticate, code);

    /// <summary>The error of GetBoundProfilePackage; undefinedError for a code that it has no number for, or none.</summary>
    public static GetBoundProfilePackageErrorEsipa GetBoundProfilePackage(StatusCode? code) => ErrorOf(Package, code);

    /// <summary>The error of CancelSession; undefinedError for a code that it has no number for, or none.</summary>
    public static CancelSessionErrorEsipa CancelSession(StatusCode? code) => ErrorOf(Cancel, code);

    /// <summary>The error of GetEimPackage or ProvideEimPackageResult; undefinedError for a code that they have no number for, or none.</summary>
    public static GetEimPackageError GetEimPackage(StatusCode? code) => ErrorOf(Eim, code);

    private static StatusCode CodeOf<T>((T Error, StatusCode Code)[] table, T error) where T : struct, Enum
    {
        foreach (var (known, code) in table)
        {
            if (known.Equals(error))
            {
                return code;
            }
        }

        return Undefined;
    }

    // Every table ends with undefinedError.
    private static T ErrorOf<T>((T Error, StatusCode Code)[] table, StatusCode? code) where T : struct, Enum
    {
        foreach (var (error, known) in table)
        {
            if (known == code)
            {
                return error;
            }
        }

        return table[^1].Error;
    }
}

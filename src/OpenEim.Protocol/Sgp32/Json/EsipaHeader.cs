using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Sgp32.Json;

/// <summary>The header of an answer of ESipa's JSON binding that failed: a status of its own (SGP.32 6.4.1).</summary>
internal static class EsipaHeader
{
    public static FunctionResponseHeader Failure(StatusCode code) =>
        new(new FunctionExecutionStatus(FunctionExecutionStatus.ExecutedFailed, new StatusCodeData(code.Subject, code.Reason)));
}

/// <summary>Reads the field eidValue.</summary>
internal static class EsipaEid
{
    /// <returns>What the functions answer to a missing or invalid EID; null when it is valid.</returns>
    public static GetEimPackageError? TryRead(string? value, out Eid eid)
    {
        eid = default;
        return value is null ? GetEimPackageError.MissingEid : Eid.TryParse(value, out eid) ? null : GetEimPackageError.InvalidEid;
    }
}

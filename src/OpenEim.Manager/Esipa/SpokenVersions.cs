using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Manager.Esipa;

/// <summary>Which version of SGP.32 a device follows, where an answer depends on it.</summary>
internal sealed class SpokenVersions(Database database)
{
    /// <summary>Whether it is v1.3: the request says so, or the eUICC has shown it before.</summary>
    public async ValueTask<bool> IsV13Async(EsipaCaller caller, Eid? eid) => caller.SpeaksV13
        || (eid is { } known && (SpokenVersion?)await database.ReadAsync(session => session.ExecuteScalarAsync<int?>(
            "SELECT sgp32_version FROM euicc WHERE eid = @Eid", new { Eid = known.ToBytes() })).ConfigureAwait(false) == SpokenVersion.V13);
}

using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Manager.Operations;
using OpenEim.Manager.Secrets;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;
using OpenEim.Storage;

namespace OpenEim.Manager.Downloads;

/// <summary>The download that a device begins through the eIM, as it is found without a lock.</summary>
/// <param name="Eid">Null for v1.0 devices, who say it only when they authenticate themselves.</param>
/// <param name="OperationId">The download; null as above.</param>
/// <param name="Code">Its activation code; null as above.</param>
/// <param name="Data">What the device told of itself; null as above, and where it did not.</param>
internal sealed record RelayedDownload(Eid? Eid, byte[]? OperationId, ActivationCode? Code, RelayedDownload.DeviceData? Data)
{
    /// <summary>How many waiting downloads are looked at to find one of a device that speaks v1.0.</summary>
    private const int MaxCandidates = 1000;

    private const string Awaited = """
        FROM operation WHERE smdp_address = @Address AND status = 1 AND action = 2 AND step = 0 AND delivered IS NOT NULL
        """;

    /// <summary>By the operation of the eIM's transaction, which only the device that got the trigger knows.</summary>
    public static async ValueTask<RelayedDownload?> FindAsync(DbSession session, Eid eid, byte[] operationId, DownloadSecrets secrets)
    {
        var key = eid.ToBytes();
        var operation = await session.QueryFirstOrDefaultAsync<OperationRow>(
            $"SELECT {OperationRow.Columns} FROM operation WHERE eid = @key AND id = @operationId AND status = 1 AND action = 2 AND step = 0",
            new { key, operationId }).ConfigureAwait(false);
        if (operation?.ActivationCode is null)
        {
            return null;
        }

        var data = await session.QueryFirstOrDefaultAsync<DeviceData>(
            "SELECT euicc_info1, ipa_capabilities, device_info FROM euicc_data WHERE eid = @key", new { key }).ConfigureAwait(false);
        return new RelayedDownload(eid, operation.Id, secrets.Unprotect(operation.Uuid, operation.ActivationCode), data);
    }

    /// <summary>How many devices that may be the one have been told to download from there: a v1.0 device does not say which it is.</summary>
    public static async ValueTask<int> CountUnnamedAsync(DbSession session, SmdpAddress address, Eid? lastPolled, AllowV10 allow)
    {
        if (allow == AllowV10.Off)
        {
            return 0;
        }

        var candidates = await session.QueryAsync<int>(
            $"""
            SELECT euicc.sgp32_version FROM (SELECT eid {Awaited} LIMIT {MaxCandidates}) AS waiting JOIN euicc ON euicc.eid = waiting.eid
            """,
            new { Address = address.ToString() }).ConfigureAwait(false);
        var count = candidates.Count(version => allow == AllowV10.On || (SpokenVersion)version == SpokenVersion.V10);
        return count > 0 || candidates.Count == 0 || lastPolled is not { } eid ? count : await CountAsync(session, address, eid).ConfigureAwait(false);
    }

    private static async ValueTask<int> CountAsync(DbSession session, SmdpAddress address, Eid eid)
    {
        var version = await session.ExecuteScalarAsync<int?>("SELECT sgp32_version FROM euicc WHERE eid = @Eid", new { Eid = eid.ToBytes() }).ConfigureAwait(false);
        return (SpokenVersion?)version is SpokenVersion.Unknown or SpokenVersion.V10
            && await FindOperationAsync(session, eid, address).ConfigureAwait(false) is not null ? 1 : 0;
    }

    /// <summary>The download of one eUICC from there.</summary>
    public static ValueTask<byte[]?> FindOperationAsync(DbSession session, Eid eid, SmdpAddress address) => session.QueryFirstOrDefaultAsync<byte[]>(
        $"SELECT id {Awaited} AND eid = @Eid ORDER BY created_revision LIMIT 1", new { Eid = eid.ToBytes(), Address = address.ToString() });

    /// <summary>What the device told of itself.</summary>
    internal sealed class DeviceData
    {
        public byte[]? EuiccInfo1 { get; init; }

        public byte[]? IpaCapabilities { get; init; }

        /// <summary>The fields of DeviceInfo, without the tag.</summary>
        public byte[]? DeviceInfo { get; init; }

        public IpaFeatures Features => IpaCapabilities is null ? IpaFeatures.None : DownloadTriggers.FeaturesOf(IpaCapabilities);
    }
}

using OpenEim.Manager.Operations;
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

    /// <summary>Whether any device has been told to download from there: a v1.0 device does not say which one it is.</summary>
    public static async ValueTask<RelayedDownload?> FindAnyAsync(DbSession session, SmdpAddress address) =>
        await session.QueryFirstOrDefaultAsync<byte[]>($"SELECT id {Awaited} LIMIT 1", new { Address = address.ToString() }).ConfigureAwait(false) is null
            ? null
            : new RelayedDownload(null, null, null, null);

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

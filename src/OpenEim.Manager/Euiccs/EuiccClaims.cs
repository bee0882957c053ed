using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Euiccs;

/// <summary>What a device has told of itself. Nobody signs it, so it is a claim: it guides what the eIM does and ends no operation as Succeeded.</summary>
internal static class EuiccClaims
{
    private const string Insert = """
        INSERT INTO euicc_data (eid, euicc_certificate, eum_certificate, euicc_info1, euicc_info2, ipa_capabilities, device_info,
                                default_smdp_address, root_smds_address, updated)
        VALUES (@Eid, @EuiccCertificate, @EumCertificate, @EuiccInfo1, @EuiccInfo2, @IpaCapabilities, @DeviceInfo,
                @DefaultSmdpAddress, @RootSmdsAddress, @Now)
        ON CONFLICT (eid) DO UPDATE SET
        """;

    // The answer to a question for all of it, from one who has the eUICC's certificates: addresses that are missing are gone.
    private const string Replace = Insert + """

            euicc_certificate = COALESCE(excluded.euicc_certificate, euicc_data.euicc_certificate),
            eum_certificate = COALESCE(excluded.eum_certificate, euicc_data.eum_certificate),
            euicc_info1 = COALESCE(excluded.euicc_info1, euicc_data.euicc_info1),
            euicc_info2 = COALESCE(euicc_data.euicc_info2_signed, excluded.euicc_info2, euicc_data.euicc_info2),
            ipa_capabilities = COALESCE(excluded.ipa_capabilities, euicc_data.ipa_capabilities),
            device_info = COALESCE(excluded.device_info, euicc_data.device_info),
            default_smdp_address = excluded.default_smdp_address, root_smds_address = excluded.root_smds_address,
            updated = excluded.updated
        """;

    private const string Fill = Insert + """

            euicc_info1 = COALESCE(euicc_data.euicc_info1, excluded.euicc_info1),
            euicc_info2 = COALESCE(euicc_data.euicc_info2, excluded.euicc_info2),
            ipa_capabilities = COALESCE(euicc_data.ipa_capabilities, excluded.ipa_capabilities),
            device_info = COALESCE(euicc_data.device_info, excluded.device_info),
            default_smdp_address = COALESCE(euicc_data.default_smdp_address, excluded.default_smdp_address),
            root_smds_address = COALESCE(euicc_data.root_smds_address, excluded.root_smds_address)
        """;

    /// <summary>Stores what a device tells.</summary>
    /// <param name="euicc">The eUICC's locked row.</param>
    /// <param name="data">The answer.</param>
    /// <param name="mayReplace">Whether its certificates lead to the EID and it answers the request that was sent. Otherwise it only fills gaps.</param>
    public static async ValueTask StoreAsync(LockedEuicc euicc, IpaEuiccData data, bool mayReplace) => await euicc.Session.ExecuteAsync(
        mayReplace ? Replace : Fill,
        new
        {
            Eid = euicc.EidBytes,
            EuiccCertificate = mayReplace ? data.EuiccCertificate?.ToArray() : null,
            EumCertificate = mayReplace ? data.EumCertificate?.ToArray() : null,
            EuiccInfo1 = data.EuiccInfo1?.ToArray(),
            EuiccInfo2 = data.EuiccInfo2?.ToArray(),
            IpaCapabilities = data.IpaCapabilities?.Encoded(),
            DeviceInfo = data.DeviceInfo?.ToArray(),
            DefaultSmdpAddress = data.DefaultSmdpAddress,
            RootSmdsAddress = data.RootSmdsAddress,
            euicc.Now,
        }).ConfigureAwait(false);

    /// <summary>The eUICC has signed its EUICCInfo2 (BF22): no claim replaces it.</summary>
    public static async ValueTask ProveInfo2Async(LockedEuicc euicc, ReadOnlyMemory<byte> euiccInfo2) => await euicc.Session.SendAsync(
        """
        INSERT INTO euicc_data (eid, euicc_info2, euicc_info2_signed, updated) VALUES (@Eid, @Info2, @Info2, 0)
        ON CONFLICT (eid) DO UPDATE SET euicc_info2 = excluded.euicc_info2, euicc_info2_signed = excluded.euicc_info2_signed
        """,
        new { Eid = euicc.EidBytes, Info2 = euiccInfo2.ToArray() }).ConfigureAwait(false);

    /// <summary>Whether the device has told nothing of itself since a time, Unix milliseconds.</summary>
    public static async ValueTask<bool> AreOlderAsync(LockedEuicc euicc, long time) => await euicc.Session.ExecuteScalarAsync<long?>(
        "SELECT updated FROM euicc_data WHERE eid = @Eid", new { Eid = euicc.EidBytes }).ConfigureAwait(false) is not { } updated || updated < time;

    /// <summary>The device was asked again and did not answer: what it told before is the best that there is.</summary>
    public static async ValueTask KeepAsync(LockedEuicc euicc) => await euicc.Session.SendAsync(
        "UPDATE euicc_data SET updated = @Now WHERE eid = @Eid", new { Eid = euicc.EidBytes, euicc.Now }).ConfigureAwait(false);
}

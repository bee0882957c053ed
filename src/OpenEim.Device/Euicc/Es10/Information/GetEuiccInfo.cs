using System.Buffers.Binary;
using System.Formats.Asn1;
using OpenEim.Device.Euicc.Apdus;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Information;

/// <summary>ES10b GetEUICCInfo, tags BF20 and BF22 (SGP.22 5.7.8, SGP.32 5.9.2).</summary>
internal static class GetEuiccInfo
{
    // UICCCapability: usimSupport(1), akaMilenage(4), akaTuak128(6), berTlvFileSupport(19), dfLinkSupport(20).
    private const uint UiccCapability = (1 << 1) | (1 << 4) | (1 << 6) | (1 << 19) | (1 << 20);

    // RspCapability: additionalProfile(0), testProfileSupport(3).
    private const uint RspCapability = (1 << 0) | (1 << 3);

    private const int BasicEuicc = 1;

    // The card asks no minimum security level of an SM-DP+. It has no ES6, so it does not say that fallbackAllowed can be updated.
    private const byte NoMinimumSecurityLevel = 0;
    private const int IpaOutsideTheCard = 0;

    public static EuiccInfo1 Info1(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        BerMessage.Decode<EmptyRequest>(request);
        return new EuiccInfo1(SelectApplication.Svn, Ids(core.Identity.CiKeyIds), Ids(core.Identity.SigningCiKeyIds));
    }

    public static EuiccInfo2 Info2(EuiccCore core, ReadOnlyMemory<byte> request)
    {
        BerMessage.Decode<EmptyRequest>(request);
        return Info2(core);
    }

    /// <summary>EUICCInfo2 as it is now.</summary>
    public static EuiccInfo2 Info2(EuiccCore core)
    {
        // In SGP.32 v1.0 as it is in the field neither ipaMode nor iotSpecificInfo is there.
        var isIot = core.Identity is { IsIot: true, IsV10: false };
        return new EuiccInfo2
        {
            ProfileVersion = new VersionNumber(3, 3, 1),
            Svn = SelectApplication.Svn,
            FirmwareVersion = new VersionNumber(1, 0, 0),
            ExtendedCardResource = BerWriting.Encode(writer => WriteCardResource(writer, core.State)),
            UiccCapability = UiccCapability,
            Ts102241Version = new VersionNumber(9, 2, 0),
            GlobalPlatformVersion = new VersionNumber(2, 3, 0),
            RspCapability = RspCapability,
            CiKeyIdsForVerification = Ids(core.Identity.CiKeyIds),
            CiKeyIdsForSigning = Ids(core.Identity.SigningCiKeyIds),
            Category = BasicEuicc,
            ForbiddenPolicyRules = ProfilePolicyRules.None,
            ProtectionProfileVersion = new VersionNumber(1, 0, 0),
            SasAccreditationNumber = "OPENEIM-VIRTUAL",
            IpaMode = isIot ? IpaOutsideTheCard : null,
            IotSpecificInfo = isIot
                ? new IotSpecificInfo(Versions(core.Identity), EcallSupported: core.State.EmergencyProfile() is not null, core.Identity.SupportsFallback)
                : null,
            MinimumSecurityLevel = isIot && core.Identity.IsV13 ? NoMinimumSecurityLevel : null,
        };
    }

    private static VersionNumber[] Versions(EuiccIdentity identity) =>
        identity.IsV13 ? [new VersionNumber(1, 2, 0), new VersionNumber(1, 3, 0)] : [new VersionNumber(1, 2, 0)];

    // ETSI TS 102 226 8.2.1.7.2: applications installed, free non-volatile memory, free volatile memory, in bytes.
    private static void WriteCardResource(AsnWriter writer, EuiccState state)
    {
        Span<byte> free = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(free, state.FreeMemory());
        writer.Integer(0x81, state.Profiles.Length);
        writer.Octets(0x82, free);
        writer.Octets(0x83, [0x00, 0x00, 0x80, 0x00]);
    }

    private static List<ReadOnlyMemory<byte>> Ids(IReadOnlyList<byte[]> ids) => [.. ids.Select(id => (ReadOnlyMemory<byte>)id)];
}

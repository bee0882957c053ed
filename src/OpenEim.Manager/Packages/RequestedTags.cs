using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Packages;

/// <summary>The tag lists of what the eIM asks devices for.</summary>
internal static class RequestedTags
{
    // ICCID, AID, state, nickname, provider, name, class, rules, fallback attribute, fallback allowed.
    public static readonly byte[] Profiles =
        IpaEuiccDataTag.List(0x5A, 0x4F, 0x9F70, 0x90, 0x91, 0x92, 0x95, 0x99, 0x9F26, 0x9F67);

    // v1.0 IPAs decode and encode again what the card signs, and lose what they do not know: the two of the fallback.
    public static readonly byte[] ProfilesOfV10 = IpaEuiccDataTag.List(0x5A, 0x4F, 0x9F70, 0x90, 0x91, 0x92, 0x95, 0x99);

    public static readonly byte[] Identity = IpaEuiccDataTag.List(
        IpaEuiccDataTag.DefaultSmdpAddress, IpaEuiccDataTag.EuiccInfo1, IpaEuiccDataTag.EuiccInfo2, IpaEuiccDataTag.RootSmdsAddress,
        IpaEuiccDataTag.AssociationToken, IpaEuiccDataTag.EumCertificate, IpaEuiccDataTag.EuiccCertificate,
        IpaEuiccDataTag.IpaCapabilities, IpaEuiccDataTag.DeviceInfo);

    public static readonly byte[] Results = IpaEuiccDataTag.List(IpaEuiccDataTag.PackageResults);

    public static readonly byte[] Notifications = IpaEuiccDataTag.List(IpaEuiccDataTag.Notifications);

    // v1.0 has one tag for both lists. Its answers name neither the EID nor the transaction, so the certificates must tell whose they are.
    public static readonly byte[] ListsOfV10 = IpaEuiccDataTag.List(
        IpaEuiccDataTag.NotificationsAndResultsV10, IpaEuiccDataTag.EumCertificate, IpaEuiccDataTag.EuiccCertificate);
}

namespace OpenEim.Protocol.Security;

/// <summary>The role that a certificate's policy states (SGP.22 clause 4.5.2.1, id-rspRole).</summary>
public enum RspRole
{
    /// <summary>The certificate issuer, the root.</summary>
    Ci,

    /// <summary>An eUICC.</summary>
    Euicc,

    /// <summary>An eUICC manufacturer.</summary>
    Eum,

    /// <summary>The TLS server of an SM-DP+ (CERT.DP.TLS).</summary>
    DpTls,

    /// <summary>An SM-DP+ when it authenticates to an eUICC (CERT.DPauth).</summary>
    DpAuth,

    /// <summary>An SM-DP+ when it binds a profile (CERT.DPpb).</summary>
    DpPb,
}

/// <summary>The policies of the roles: the first for chains of variant O, the second for those that SGP.22 v3 added.</summary>
internal static class RspRoles
{
    private const string Root = "2.23.146.1.2.1";

    public static string Policy(RspRole role) => Policies(role)[0];

    public static bool HasPolicyOf(this RspCertificate certificate, RspRole role) =>
        certificate.Policies.Any(policy => Policies(role).Contains(policy, StringComparer.Ordinal));

    public static string NameOf(RspRole role) => role switch
    {
        RspRole.Ci => "CI",
        RspRole.Euicc => "eUICC",
        RspRole.Eum => "EUM",
        RspRole.DpTls => "DPtls",
        RspRole.DpAuth => "DPauth",
        RspRole.DpPb => "DPpb",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    private static string[] Policies(RspRole role) => role switch
    {
        RspRole.Ci => CiPolicies,
        RspRole.Euicc => EuiccPolicies,
        RspRole.Eum => EumPolicies,
        RspRole.DpTls => DpTlsPolicies,
        RspRole.DpAuth => DpAuthPolicies,
        RspRole.DpPb => DpPbPolicies,
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    private static readonly string[] CiPolicies = [Root + ".0"];
    private static readonly string[] EuiccPolicies = [Root + ".1", Root + ".0.0.0.0.0"];
    private static readonly string[] EumPolicies = [Root + ".2", Root + ".0.0.0"];
    private static readonly string[] DpTlsPolicies = [Root + ".3", Root + ".0.0.1.0"];
    private static readonly string[] DpAuthPolicies = [Root + ".4", Root + ".0.0.1.1"];
    private static readonly string[] DpPbPolicies = [Root + ".5", Root + ".0.0.1.2"];
}

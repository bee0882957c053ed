namespace OpenEim.Protocol.Security;

/// <summary>The two curves of RSP (SGP.22 clause 2.6.7).</summary>
public enum EcCurve
{
    /// <summary>NIST P-256, also called secp256r1 and prime256v1.</summary>
    P256,

    /// <summary>brainpoolP256r1 of RFC 5639.</summary>
    BrainpoolP256r1,
}

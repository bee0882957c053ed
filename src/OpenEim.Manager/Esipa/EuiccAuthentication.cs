using OpenEim.Manager.Exchanges;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Esipa;

/// <summary>Checks who an eUICC is that authenticates itself to an SM-DP+ through the eIM: nothing else says who asks.</summary>
/// <param name="trust">The CIs that its certificates may lead to.</param>
/// <param name="time">The clock.</param>
internal sealed class EuiccAuthentication(RspTrust trust, TimeProvider time)
{
    /// <summary>Checks transaction, certificates and signature, in this order.</summary>
    /// <param name="ok">The eUICC's answer.</param>
    /// <param name="id">The session's transaction.</param>
    /// <param name="expected">The eUICC that the session is of; null where that is not known yet.</param>
    public EuiccProof Check(AuthenticateResponseOk ok, TransactionId id, Eid? expected)
    {
        var now = time.GetUtcNow();
        if (ok.ReadSigned().TransactionId != id)
        {
            return EuiccProof.Refused(AuthenticateClientErrorEsipa.InvalidTransactionId, "the eUICC has signed another transaction");
        }

        var eumCertificate = RspCertificate.Parse(ok.EumCertificate);
        var eum = trust.VerifyEum(eumCertificate, now);
        if (!eum.IsTrusted)
        {
            return EuiccProof.Refused(
                ErrorOf(eum.Error, AuthenticateClientErrorEsipa.EumCertificateInvalid, AuthenticateClientErrorEsipa.EumCertificateExpired), eum.Reason);
        }

        var euicc = trust.VerifyEuicc(RspCertificate.Parse(ok.EuiccCertificate), eumCertificate, expected, now);
        if (euicc.PublicKey is not { } publicKey)
        {
            return EuiccProof.Refused(
                ErrorOf(euicc.Error, AuthenticateClientErrorEsipa.EuiccCertificateInvalid, AuthenticateClientErrorEsipa.EuiccCertificateExpired), euicc.Reason);
        }

        return publicKey.Verify(ok.SignedData.Span, ok.Signature.Span)
            ? new EuiccProof(null, "", euicc.Eid, publicKey.ToSubjectPublicKeyInfo())
            : EuiccProof.Refused(AuthenticateClientErrorEsipa.EuiccSignatureInvalid, "the eUICC's signature does not verify");
    }

    private static AuthenticateClientErrorEsipa ErrorOf(ChainError error, AuthenticateClientErrorEsipa invalid, AuthenticateClientErrorEsipa expired) => error switch
    {
        ChainError.UntrustedCi => AuthenticateClientErrorEsipa.CiPkUnknown,
        ChainError.EidMismatch => AuthenticateClientErrorEsipa.EidMismatch,
        ChainError.Expired => expired,
        _ => invalid,
    };
}

/// <summary>What an eUICC has proved of itself.</summary>
/// <param name="Error">Why it has proved nothing; else null.</param>
/// <param name="Reason">The same as a text; else empty.</param>
/// <param name="Eid">Who it is.</param>
/// <param name="Key">Its public key, as a SubjectPublicKeyInfo.</param>
internal sealed record EuiccProof(AuthenticateClientErrorEsipa? Error, string Reason, Eid? Eid, byte[]? Key)
{
    /// <summary>What is distrusted, for the counters.</summary>
    public Distrust Distrust => Error switch
    {
        AuthenticateClientErrorEsipa.EuiccSignatureInvalid => Distrust.Signature,
        AuthenticateClientErrorEsipa.InvalidTransactionId => Distrust.Content,
        _ => Distrust.Certificate,
    };

    public static EuiccProof Refused(AuthenticateClientErrorEsipa error, string reason) => new(error, reason, null, null);
}

using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Security;

/// <summary>A whole RSP public key infrastructure made in milliseconds: for tests, demonstrations and virtual fleets.</summary>
/// <remarks>
/// Every issuing method takes a change to the certificate before it is signed, and another issuer, so that a test can have one that is
/// wrong in exactly one way. The identities belong to the caller, except <see cref="Ci"/> and <see cref="Eum"/>.
/// </remarks>
public sealed class TestPki : IDisposable
{
    /// <summary>How the EIDs of the EUM begin.</summary>
    public const string EidPrefix = "89049032";

    /// <summary>The OID of the SM-DP+ unless another is asked for.</summary>
    public const string DefaultDpOid = "2.999.10";

    private const string Organization = "OpenEim Test";

    private readonly EcCurve _curve;
    private readonly DateTimeOffset _notBefore;
    private readonly DateTimeOffset _notAfter;

    /// <summary>Makes the CI and the EUM; everything is valid for the given time, in whole seconds.</summary>
    public TestPki(EcCurve curve, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        (_curve, _notBefore, _notAfter) = (curve, notBefore, notAfter);
        Ci = IssueCi();
        Eum = IssueEum();
    }

    /// <summary>The root.</summary>
    public RspIdentity Ci { get; }

    /// <summary>The manufacturer of the eUICCs.</summary>
    public RspIdentity Eum { get; }

    /// <summary>Makes another root.</summary>
    public RspIdentity IssueCi(Func<CertificateTemplate, CertificateTemplate>? change = null) =>
        Issue(RspProfiles.Ci("OpenEim Test CI", Organization, _notBefore, _notAfter), change, null);

    /// <summary>Makes another EUM, by <paramref name="issuer"/> instead of the CI if given.</summary>
    public RspIdentity IssueEum(Func<CertificateTemplate, CertificateTemplate>? change = null, RspIdentity? issuer = null) =>
        Issue(RspProfiles.Eum(Organization, EidPrefix, _notBefore, _notAfter), change, issuer ?? Ci);

    /// <summary>Makes an eUICC's identity, by <paramref name="issuer"/> instead of the EUM if given.</summary>
    public RspIdentity IssueEuicc(Eid eid, Func<CertificateTemplate, CertificateTemplate>? change = null, RspIdentity? issuer = null) =>
        Issue(RspProfiles.Euicc(eid, Organization, _notBefore, _notAfter), change, issuer ?? Eum);

    /// <summary>Makes an eIM's signing identity.</summary>
    public RspIdentity IssueEim(string eimId, Func<CertificateTemplate, CertificateTemplate>? change = null, RspIdentity? issuer = null) =>
        Issue(RspProfiles.Eim(eimId, _notBefore, _notAfter), change, issuer ?? Ci);

    /// <summary>Makes an eIM's TLS identity for host names and IP addresses; always on P-256, the curve that TLS libraries share.</summary>
    public RspIdentity IssueEimTls(
        IReadOnlyList<string> hosts, Func<CertificateTemplate, CertificateTemplate>? change = null, RspIdentity? issuer = null) =>
        Issue(RspProfiles.EimTls(hosts, _notBefore, _notAfter), change, issuer ?? Ci, EcCurve.P256);

    /// <summary>Makes an SM-DP+'s identity for authentication.</summary>
    public RspIdentity IssueDpAuth(
        string oid = DefaultDpOid, Func<CertificateTemplate, CertificateTemplate>? change = null, RspIdentity? issuer = null) =>
        Issue(RspProfiles.Dp(RspRole.DpAuth, "OpenEim Test SM-DP+ auth", oid, _notBefore, _notAfter), change, issuer ?? Ci);

    /// <summary>Makes an SM-DP+'s identity for binding profiles.</summary>
    public RspIdentity IssueDpPb(
        string oid = DefaultDpOid, Func<CertificateTemplate, CertificateTemplate>? change = null, RspIdentity? issuer = null) =>
        Issue(RspProfiles.Dp(RspRole.DpPb, "OpenEim Test SM-DP+ binding", oid, _notBefore, _notAfter), change, issuer ?? Ci);

    /// <summary>Makes an SM-DP+'s TLS identity, on the PKI's curve.</summary>
    public RspIdentity IssueDpTls(
        IReadOnlyList<string> hosts,
        string oid = DefaultDpOid,
        Func<CertificateTemplate, CertificateTemplate>? change = null,
        RspIdentity? issuer = null) =>
        Issue(RspProfiles.DpTls(hosts, oid, _notBefore, _notAfter), change, issuer ?? Ci);

    /// <summary>Wipes the keys of the CI and the EUM.</summary>
    public void Dispose()
    {
        Ci.Dispose();
        Eum.Dispose();
    }

    private RspIdentity Issue(
        CertificateTemplate template, Func<CertificateTemplate, CertificateTemplate>? change, RspIdentity? issuer, EcCurve? curve = null) =>
        CertificateWriter.IssueWithNewKey(change is null ? template : change(template), curve ?? _curve, issuer);
}

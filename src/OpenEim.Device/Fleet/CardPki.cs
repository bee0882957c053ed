using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Device.Fleet;

/// <summary>Where virtual cards get their keys and certificates from.</summary>
public sealed class CardPki
{
    private readonly Func<Eid, RspIdentity> _issue;
    private readonly bool _ownsIssued;

    private CardPki(RspCertificate eum, IReadOnlyList<RspCertificate> roots, Func<Eid, RspIdentity> issue, bool ownsIssued) =>
        (Eum, Roots, _issue, _ownsIssued) = (eum, roots, issue, ownsIssued);

    /// <summary>CERT.EUM.</summary>
    public RspCertificate Eum { get; }

    /// <summary>The CI roots that the cards trust.</summary>
    public IReadOnlyList<RspCertificate> Roots { get; }

    /// <summary>Cards of a test PKI.</summary>
    public static CardPki From(TestPki pki)
    {
        ArgumentNullException.ThrowIfNull(pki);
        return new CardPki(pki.Eum.Certificate, [pki.Ci.Certificate], eid => pki.IssueEuicc(eid), ownsIssued: true);
    }

    /// <summary>Cards of an operator's PKI: as many as wanted where the EUM's key is there, otherwise the one that was brought.</summary>
    /// <exception cref="ProtocolException">There is neither the EUM's key nor a finished card.</exception>
    public static CardPki From(PkiDirectory pki, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(pki);
        if (pki.Eum is { } eum)
        {
            return new CardPki(eum.Certificate, pki.Roots, eid => pki.IssueEuicc(eid, now), ownsIssued: true);
        }

        if (pki is not { EumCertificate: { } certificate, Euicc: { } card })
        {
            throw new ProtocolException("virtual cards need eum.pem with eum.key, or with euicc.pem and euicc.key");
        }

        return new CardPki(certificate, pki.Roots, eid => card.Certificate.SubjectSerialNumber == eid.ToString()
            ? card
            : throw new ProtocolException($"eum.key is missing, so the only card is that of euicc.pem, not {eid}"), ownsIssued: false);
    }

    /// <summary>Makes a card's key (PKCS#8) and certificate. The caller wipes the key.</summary>
    /// <exception cref="ProtocolException">The PKI cannot make this card.</exception>
    public (byte[] PrivateKey, RspCertificate Certificate) Make(Eid eid)
    {
        var identity = _issue(eid);
        try
        {
            return (identity.Key.ToPkcs8(), identity.Certificate);
        }
        finally
        {
            if (_ownsIssued)
            {
                identity.Dispose();
            }
        }
    }
}

using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Security;

/// <summary>Bring your own PKI: takes the PEM files that an operator has, generates what is missing, and refuses what does not fit.</summary>
/// <remarks>
/// Works on texts, since this assembly does no I/O: the caller reads files and writes <see cref="GeneratedFiles"/>, secret ones
/// readable by their owner alone. Nothing is generated before everything that was brought is found to fit.
/// </remarks>
public sealed class PkiDirectory : IDisposable
{
    private readonly Dictionary<PkiParts, RspIdentity> _identities;
    private readonly List<PkiFile> _files;

    internal PkiDirectory(
        IReadOnlyList<RspCertificate> roots,
        RspCertificate? eumCertificate,
        Dictionary<PkiParts, RspIdentity> identities,
        List<PkiFile> files)
    {
        Roots = roots;
        EumCertificate = eumCertificate;
        _identities = identities;
        _files = files;
    }

    /// <summary>The trusted CIs, at least one.</summary>
    public IReadOnlyList<RspCertificate> Roots { get; }

    /// <summary>The root that issues, or null when its key was not brought.</summary>
    public RspIdentity? Ci => Find(PkiParts.Ci);

    /// <summary>The manufacturer's certificate. An operator who brings a finished card need not have the manufacturer's key.</summary>
    public RspCertificate? EumCertificate { get; }

    /// <summary>The manufacturer; null when not asked for, and when its key was not brought.</summary>
    public RspIdentity? Eum => Find(PkiParts.Eum);

    /// <summary>The one card, or null when not asked for.</summary>
    public RspIdentity? Euicc => Find(PkiParts.Euicc);

    /// <summary>The eIM's package signing, or null when not asked for.</summary>
    public RspIdentity? Eim => Find(PkiParts.Eim);

    /// <summary>The eIM's TLS server, or null when not asked for.</summary>
    public RspIdentity? EimTls => Find(PkiParts.EimTls);

    /// <summary>The SM-DP+'s authentication, or null when not asked for.</summary>
    public RspIdentity? DpAuth => Find(PkiParts.DpAuth);

    /// <summary>The SM-DP+'s profile binding, or null when not asked for.</summary>
    public RspIdentity? DpPb => Find(PkiParts.DpPb);

    /// <summary>The SM-DP+'s TLS server, or null when not asked for.</summary>
    public RspIdentity? DpTls => Find(PkiParts.DpTls);

    /// <summary>The complete set: what was brought and what was generated.</summary>
    public IReadOnlyList<PkiFile> Files => _files;

    /// <summary>What the caller should write beside what was brought.</summary>
    public IEnumerable<PkiFile> GeneratedFiles => _files.Where(file => file.IsGenerated);

    /// <summary>Opens a directory.</summary>
    /// <param name="readText">Gives a file's text by its name, or null when there is no such file.</param>
    /// <param name="options">What it is opened for.</param>
    /// <exception cref="ProtocolException">Something does not fit; the message says which file, what and why.</exception>
    public static PkiDirectory Open(Func<string, string?> readText, PkiOptions options)
    {
        ArgumentNullException.ThrowIfNull(readText);
        ArgumentNullException.ThrowIfNull(options);
        return new PkiLoader(readText, options).Load();
    }

    /// <summary>Opens a set of files that are in memory.</summary>
    /// <exception cref="ProtocolException">Something does not fit; the message says which file, what and why.</exception>
    public static PkiDirectory Open(IReadOnlyDictionary<string, string> files, PkiOptions options)
    {
        ArgumentNullException.ThrowIfNull(files);
        return Open(files.GetValueOrDefault, options);
    }

    /// <summary>Makes one more card of the manufacturer, for a fleet.</summary>
    /// <exception cref="ProtocolException">The manufacturer's key is not there, or it may not issue for this EID.</exception>
    public RspIdentity IssueEuicc(Eid eid, DateTimeOffset now)
    {
        var eum = Eum ?? throw new ProtocolException("eum.key is missing, so no card can be made");
        var card = CertificateWriter.IssueWithNewKey(
            RspProfiles.Euicc(eid, PkiLoader.OrganizationOf(eum.Certificate), PkiLoader.Start(now), PkiLoader.EuiccEnd),
            eum.Key.Curve,
            eum);
        if (EidPermission.Check(card.Certificate, eid, eum.Certificate) is { } refusal)
        {
            card.Dispose();
            throw new ProtocolException(refusal.Reason);
        }

        return card;
    }

    /// <summary>Wipes all keys.</summary>
    public void Dispose()
    {
        foreach (var identity in _identities.Values)
        {
            identity.Dispose();
        }
    }

    private RspIdentity? Find(PkiParts part) => _identities.GetValueOrDefault(part);
}

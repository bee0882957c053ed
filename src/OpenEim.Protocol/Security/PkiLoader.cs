namespace OpenEim.Protocol.Security;

/// <summary>Opens one PKI directory: first reads and checks everything that was brought, then generates the rest.</summary>
internal sealed class PkiLoader(Func<string, string?> readText, PkiOptions options)
{
    /// <summary>The end of a generated card's validity: the year that real cards have, as they cannot be renewed.</summary>
    public static readonly DateTimeOffset EuiccEnd = new(7496, 1, 24, 0, 0, 0, TimeSpan.Zero);

    private const int CaYears = 30;
    private const int ServerYears = 10;

    private readonly Dictionary<PkiParts, RspIdentity> _identities = [];
    private readonly List<PkiFile> _files = [];
    private IReadOnlyList<RspCertificate> _roots = [];
    private RspCertificate? _eum;

    // A card is checked against its manufacturer, so whoever asks for the card asks for both.
    private readonly PkiParts _parts = options.Parts.HasFlag(PkiParts.Euicc) ? options.Parts | PkiParts.Eum : options.Parts;

    /// <summary>A day before now: the clocks of devices are not all right.</summary>
    public static DateTimeOffset Start(DateTimeOffset now) =>
        DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()).AddDays(-1);

    /// <summary>The organisation that an EUM's cards must state.</summary>
    public static string OrganizationOf(RspCertificate eum) =>
        eum.PermittedNames?.FirstOrDefault(name => name.Organization is not null)?.Organization ?? eum.SubjectOrganization ?? "OpenEim";

    public PkiDirectory Load()
    {
        try
        {
            LoadCi();
            var check = new PkiCheck(_roots, options.Now);
            var brought = Pairs.Where(pair => _parts.HasFlag(pair.Part)).Where(pair => TryLoad(pair, check)).ToList();
            foreach (var pair in Pairs.Except(brought).Where(pair => _parts.HasFlag(pair.Part)))
            {
                Generate(pair, check);
            }

            return new PkiDirectory(_roots, _eum, _identities, _files);
        }
        catch
        {
            foreach (var identity in _identities.Values)
            {
                identity.Dispose();
            }

            throw;
        }
    }

    private static readonly Pair[] Pairs =
    [
        new(PkiParts.Eum, "eum"),
        new(PkiParts.Euicc, "euicc"),
        new(PkiParts.Eim, "eim"),
        new(PkiParts.EimTls, "eimtls"),
        new(PkiParts.DpAuth, "dpauth"),
        new(PkiParts.DpPb, "dppb"),
        new(PkiParts.DpTls, "dptls"),
    ];

    private void LoadCi()
    {
        var pem = readText("ci.pem");
        var key = readText("ci.key");
        if (pem is null && key is not null)
        {
            throw new ProtocolException("ci.key is there but ci.pem, the certificate that it belongs to, is missing");
        }

        if (pem is null)
        {
            RefuseOrphans();
            var end = Start(options.Now).AddYears(CaYears);
            var ci = CertificateWriter.IssueWithNewKey(
                RspProfiles.Ci("OpenEim CI", "OpenEim", Start(options.Now), end), options.Curve, null);
            _identities[PkiParts.Ci] = ci;
            _roots = [ci.Certificate];
            Keep("ci", ci.Certificate.ToPem(), ci.Key.ToPem(), generated: true);
            return;
        }

        _roots = PkiText.Certificates("ci.pem", pem);
        PkiCheck.Roots(_roots, options.Now);
        if (key is not null)
        {
            var ciKey = PkiText.Key("ci.key", key);
            var root = _roots.FirstOrDefault(root => root.PublicKey.Equals(ciKey.PublicKey));
            if (root is null)
            {
                ciKey.Dispose();
                throw new ProtocolException("ci.key does not belong to any certificate of ci.pem");
            }

            _identities[PkiParts.Ci] = new RspIdentity(root, ciKey);
        }

        Keep("ci", pem, key, generated: false);
    }

    /// <summary>Without ci.pem nothing that was issued by a CI can be believed, and a new CI could not have issued it.</summary>
    private void RefuseOrphans()
    {
        foreach (var pair in Pairs.Where(pair => _parts.HasFlag(pair.Part) && !pair.MayBeSelfSigned))
        {
            if (readText(pair.CertificateFile) is not null)
            {
                throw new ProtocolException($"{pair.CertificateFile} is there but ci.pem, the root that it should lead to, is missing");
            }
        }
    }

    private bool TryLoad(Pair pair, PkiCheck check)
    {
        var pem = readText(pair.CertificateFile);
        var keyPem = readText(pair.KeyFile);
        if (pem is null && keyPem is null)
        {
            return false;
        }

        if (pem is null)
        {
            throw new ProtocolException($"{pair.KeyFile} is there but {pair.CertificateFile}, the certificate that it belongs to, is missing");
        }

        var certificate = PkiText.Certificates(pair.CertificateFile, pem)[0];
        if (keyPem is null)
        {
            // A manufacturer does not hand out its key; with a finished card it is not needed either.
            if (pair.Part != PkiParts.Eum || readText("euicc.pem") is null || readText("euicc.key") is null)
            {
                throw new ProtocolException($"{pair.CertificateFile} is there but {pair.KeyFile}, its private key, is missing");
            }
        }
        else
        {
            _identities[pair.Part] = PkiText.Identity(pair, certificate, keyPem);
        }

        check.Fits(pair, certificate, _eum);
        if (pair.Part == PkiParts.Eum)
        {
            _eum = certificate;
        }

        Keep(pair.Name, pem, keyPem, generated: false);
        return true;
    }

    private void Generate(Pair pair, PkiCheck check)
    {
        var issuer = _identities.GetValueOrDefault(pair.Part == PkiParts.Euicc ? PkiParts.Eum : PkiParts.Ci);
        if (issuer is null && !pair.MayBeSelfSigned)
        {
            var missing = pair.Part == PkiParts.Euicc ? "eum.key" : "ci.key";
            throw new ProtocolException($"{pair.CertificateFile} is missing and cannot be generated, since {missing} is missing too");
        }

        var curve = pair.Part == PkiParts.EimTls ? EcCurve.P256 : (issuer?.Certificate ?? _roots[0]).PublicKey.Curve;
        var identity = CertificateWriter.IssueWithNewKey(Template(pair.Part), curve, issuer);
        _identities[pair.Part] = identity;
        check.Fits(pair, identity.Certificate, _eum);
        if (pair.Part == PkiParts.Eum)
        {
            _eum = identity.Certificate;
        }

        Keep(pair.Name, identity.Certificate.ToPem(), identity.Key.ToPem(), generated: true);
    }

    private CertificateTemplate Template(PkiParts part)
    {
        var start = Start(options.Now);
        var end = start.AddYears(ServerYears);
        return part switch
        {
            PkiParts.Eum => RspProfiles.Eum("OpenEim", options.EidPrefix, start, start.AddYears(CaYears)),
            PkiParts.Euicc => RspProfiles.Euicc(options.Eid, OrganizationOf(_eum!), start, EuiccEnd),
            PkiParts.Eim => RspProfiles.Eim(options.EimId, start, end),
            PkiParts.EimTls => RspProfiles.EimTls(options.Hosts, start, end),
            PkiParts.DpAuth => RspProfiles.Dp(RspRole.DpAuth, "OpenEim SM-DP+ auth", options.DpOid, start, end),
            PkiParts.DpPb => RspProfiles.Dp(RspRole.DpPb, "OpenEim SM-DP+ binding", options.DpOid, start, end),
            PkiParts.DpTls => RspProfiles.DpTls(options.Hosts, options.DpOid, start, end),
            _ => throw new ArgumentOutOfRangeException(nameof(part)),
        };
    }

    private void Keep(string name, string certificate, string? key, bool generated)
    {
        _files.Add(new PkiFile(name + ".pem", certificate, IsSecret: false, generated));
        if (key is not null)
        {
            _files.Add(new PkiFile(name + ".key", key, IsSecret: true, generated));
        }
    }

    /// <summary>One part and the names of its files.</summary>
    internal sealed record Pair(PkiParts Part, string Name)
    {
        public string CertificateFile => Name + ".pem";

        public string KeyFile => Name + ".key";

        /// <summary>Trust in the eIM's certificates comes from EimConfigurationData, so they need no CI.</summary>
        public bool MayBeSelfSigned => Part is PkiParts.Eim or PkiParts.EimTls;
    }
}

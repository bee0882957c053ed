using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Security;

/// <summary>The parts of a PKI directory; each but the roots is a pair NAME.pem and NAME.key.</summary>
[Flags]
public enum PkiParts
{
    None = 0,

    /// <summary>ci.pem: the trusted roots; ci.key: the key of one of them, if certificates are to be issued.</summary>
    Ci = 1 << 0,

    /// <summary>eum: the eUICCs' manufacturer.</summary>
    Eum = 1 << 1,

    /// <summary>euicc: one card.</summary>
    Euicc = 1 << 2,

    /// <summary>eim: the eIM's package signing.</summary>
    Eim = 1 << 3,

    /// <summary>eimtls: the eIM's TLS server.</summary>
    EimTls = 1 << 4,

    /// <summary>dpauth: the SM-DP+'s authentication.</summary>
    DpAuth = 1 << 5,

    /// <summary>dppb: the SM-DP+'s profile binding.</summary>
    DpPb = 1 << 6,

    /// <summary>dptls: the SM-DP+'s TLS server.</summary>
    DpTls = 1 << 7,

    /// <summary>What an eIM needs.</summary>
    Server = Ci | Eim | EimTls,

    /// <summary>What a device with one card needs.</summary>
    Devices = Ci | Eum | Euicc,
}

/// <summary>What a PKI directory is opened for.</summary>
public sealed record PkiOptions
{
    /// <summary>The parts that the caller needs: these are read, and generated where they are missing. The others are left alone.</summary>
    public required PkiParts Parts { get; init; }

    /// <summary>The time: what is not valid now is refused, what is generated is valid from now on.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The curve of a generated CI; what is issued below a CI has the CI's curve.</summary>
    public EcCurve Curve { get; init; }

    /// <summary>The eimId: the common name of a generated eim.pem.</summary>
    public string EimId { get; init; } = "openeim";

    /// <summary>The host names and IP addresses of generated TLS certificates.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = ["localhost", "127.0.0.1", "::1"];

    /// <summary>The EID of a generated euicc.pem.</summary>
    public Eid Eid { get; init; } = Eid.Parse("89049032000000000000000000000001");

    /// <summary>How the EIDs of a generated eum.pem begin.</summary>
    public string EidPrefix { get; init; } = TestPki.EidPrefix;

    /// <summary>The OID of a generated SM-DP+.</summary>
    public string DpOid { get; init; } = TestPki.DefaultDpOid;
}

/// <summary>One file of a PKI directory.</summary>
/// <param name="Name">The file's name, without a folder.</param>
/// <param name="Text">What stands in it: PEM.</param>
/// <param name="IsSecret">Whether it holds a private key, so that only its owner may read it.</param>
/// <param name="IsGenerated">Whether it was generated, so that the caller should write it.</param>
public sealed record PkiFile(string Name, string Text, bool IsSecret, bool IsGenerated)
{
    /// <summary>The name alone: the text may be a private key, which no log may hold.</summary>
    public override string ToString() => Name;
}

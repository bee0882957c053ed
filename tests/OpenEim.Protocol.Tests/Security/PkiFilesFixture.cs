using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Protocol.Tests.Security;

/// <summary>The files of one PKI directory, in memory, and a PKI to fill them from.</summary>
public abstract class PkiFilesFixture : IDisposable
{
    private protected static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private protected static readonly DateTimeOffset End = new(2056, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private protected static readonly DateTimeOffset Now = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
    private protected static readonly Eid Eid = Eid.Parse("89049032000000000000000000000042");
    private protected static readonly string[] Hosts = ["localhost", "127.0.0.1"];

    private protected const PkiParts Smdp = PkiParts.Ci | PkiParts.DpAuth | PkiParts.DpPb | PkiParts.DpTls;

    private protected TestPki Pki { get; } = new(EcCurve.P256, Start, End);
    private protected Dictionary<string, string> Files { get; } = new(StringComparer.Ordinal);

    public void Dispose()
    {
        Pki.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void WriteAll() => PutAll(Pki);

    private protected void PutAll(TestPki pki)
    {
        Put("ci", pki.Ci);
        Put("eum", pki.Eum);
        PutNew("euicc", pki.IssueEuicc(Eid));
        PutNew("eim", pki.IssueEim("eim.example"));
        PutNew("eimtls", pki.IssueEimTls(Hosts));
        PutNew("dpauth", pki.IssueDpAuth());
        PutNew("dppb", pki.IssueDpPb());
        PutNew("dptls", pki.IssueDpTls(Hosts));
    }

    private protected void PutNew(string name, RspIdentity identity)
    {
        using (identity)
        {
            Put(name, identity);
        }
    }

    private protected void Put(string name, RspIdentity identity)
    {
        Files[name + ".pem"] = identity.Certificate.ToPem();
        Files[name + ".key"] = identity.Key.ToPem();
    }

    private protected void Write(PkiDirectory directory)
    {
        foreach (var file in directory.GeneratedFiles)
        {
            Files[file.Name] = file.Text;
        }
    }

    private protected static PkiParts Part(string name) => name switch
    {
        "eum" or "euicc" => PkiParts.Devices,
        "dpauth" => PkiParts.DpAuth,
        "dppb" => PkiParts.DpPb,
        "dptls" => PkiParts.DpTls,
        "eimtls" => PkiParts.EimTls,
        _ => PkiParts.Server,
    };

    private protected PkiDirectory Open(PkiParts parts, Func<PkiOptions, PkiOptions>? change = null)
    {
        var options = new PkiOptions { Parts = parts, Now = Now };
        return PkiDirectory.Open(Files, change is null ? options : change(options));
    }

    private protected string Refusal(PkiParts parts, Func<PkiOptions, PkiOptions>? change = null) => Refusal(() => Open(parts, change));

    private protected static string Refusal(Func<object> action) => Assert.Throws<ProtocolException>(action).Message;
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OpenEim.Hosting.Keys;
using OpenEim.Protocol.Security;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>The real server with a PKI folder that does not fit: it ends at once, with a code that is not zero and one sentence that says what and why.</summary>
public sealed class BadPkiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> BadFolders() => new()
    {
        { "eim.pem on P-384", "eim.pem is refused: its key is neither on P-256 nor on brainpoolP256r1 but of 1.3.132.0.34" },
        { "eimtls.pem on brainpool", "eimtls.pem is refused: its key is on BrainpoolP256r1, which TLS libraries do not share; it must be on P-256" },
        { "eim.key of another", "eim.key does not belong to the certificate of eim.pem" },
        { "eim.key missing", "eim.pem is there but eim.key, its private key, is missing" },
        { "eim.pem expired", "eim.pem is refused: the eIM certificate expired on 2021-01-01 00:00:00Z" },
        { "ci.pem expired", "ci.pem is refused: the CI certificate expired on 2021-01-01 00:00:00Z" },
        { "eim.pem of another CI", "eim.pem does not lead to ci.pem: none of its roots issued it, and it is not self-signed" },
        { "eimtls.pem of another CI", "eimtls.pem does not lead to ci.pem: none of its roots issued it, and it is not self-signed" },
        { "ci.pem is no PEM", "ci.pem is refused: the PEM text holds no certificate" },
        { "eim.pem is damaged", "eim.pem is refused: " },
        { "eim.key cut short", "eim.key is refused: " },
    };

    [Theory]
    [MemberData(nameof(BadFolders))]
    public async Task Server_refuses_to_start_and_says_what_and_why(string kind, string reason)
    {
        using var folder = new TempFolder();
        var pki = folder.File("brought");
        Directory.CreateDirectory(pki);
        foreach (var (name, text) in Files(kind))
        {
            DataFolder.WritePrivate(Path.Combine(pki, name), text);
        }

        using var server = ServerProcess.Run(
            "--data", folder.File("data"), "--pki", pki, "--api-url", "http://127.0.0.1:0", "--esipa-url", "https://127.0.0.1:0");
        var output = server.StandardOutput.ReadToEndAsync(Ct);
        var sentence = await server.StandardError.ReadToEndAsync(Ct);
        await server.WaitForExitAsync(Ct);

        Assert.Equal(1, server.ExitCode);
        Assert.Equal("", await output);
        Assert.StartsWith($"The PKI in {pki} does not fit: {reason}", sentence, StringComparison.Ordinal);
        Assert.EndsWith($".{Environment.NewLine}", sentence, StringComparison.Ordinal);
        Assert.Single(sentence.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("Exception", sentence, StringComparison.Ordinal);
    }

    /// <summary>A folder that fits but for one thing.</summary>
    private static Dictionary<string, string> Files(string kind)
    {
        var now = TimeProvider.System.GetUtcNow();
        DateTimeOffset start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), expired = new(2021, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var pki = new TestPki(EcCurve.P256, start, now.AddYears(10));
        using var other = new TestPki(EcCurve.P256, start, now.AddYears(10));
        using var eim = pki.IssueEim("eim.example", kind == "eim.pem expired" ? template => template with { NotAfter = expired } : null);
        using var tls = pki.IssueEimTls(["localhost"]);
        Dictionary<string, string> files = new(StringComparer.Ordinal) { ["ci.pem"] = pki.Ci.Certificate.ToPem(), ["ci.key"] = pki.Ci.Key.ToPem() };
        Put("eim", eim);
        Put("eimtls", tls);
        switch (kind)
        {
            case "eim.pem on P-384":
                files["eim.pem"] = P384();
                break;
            case "eimtls.pem on brainpool":
                using (var brainpool = CertificateWriter.IssueWithNewKey(RspProfiles.EimTls(["localhost"], start, now.AddYears(1)), EcCurve.BrainpoolP256r1, pki.Ci))
                {
                    Put("eimtls", brainpool);
                }

                break;
            case "eim.key of another":
                files["eim.key"] = files["eimtls.key"];
                break;
            case "eim.key missing":
                files.Remove("eim.key");
                break;
            case "ci.pem expired":
                using (var old = pki.IssueCi(template => template with { NotAfter = expired }))
                {
                    Put("ci", old);
                }

                break;
            case "eim.pem of another CI":
                using (var foreign = other.IssueEim("eim.example"))
                {
                    Put("eim", foreign);
                }

                break;
            case "eimtls.pem of another CI":
                using (var foreign = other.IssueEimTls(["localhost"]))
                {
                    Put("eimtls", foreign);
                }

                break;
            case "ci.pem is no PEM":
                files["ci.pem"] = "hello";
                break;
            case "eim.pem is damaged":
                files["eim.pem"] = files["eim.pem"].Replace("MII", "QQQQ", StringComparison.Ordinal);
                break;
            case "eim.key cut short":
                files["eim.key"] = files["eim.key"][..100];
                break;
        }

        return files;

        void Put(string name, RspIdentity identity) =>
            (files[name + ".pem"], files[name + ".key"]) = (identity.Certificate.ToPem(), identity.Key.ToPem());
    }

    private static string P384()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest("CN=eim", key, HashAlgorithmName.SHA384);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        return certificate.ExportCertificatePem();
    }
}

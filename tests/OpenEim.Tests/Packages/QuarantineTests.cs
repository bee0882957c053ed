using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using OpenEim.Hosting.Keys;
using OpenEim.Hosting.Settings;
using OpenEim.Manager.Operations;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Storage;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>Revocation lists and the quarantine in a running eIM.</summary>
public sealed class QuarantineTests : IDisposable
{
    private static readonly Eid Eid = Eid.Parse("89049032000000000000000000000042");

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly TestPki _pki;
    private readonly RspTrust _trust;
    private readonly RspIdentity _card;
    private readonly LogCollector _log = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public QuarantineTests()
    {
        _pki = new TestPki(EcCurve.P256, _clock.GetUtcNow().AddYears(-1), _clock.GetUtcNow().AddYears(10));
        _trust = new RspTrust([_pki.Ci.Certificate]);
        _card = _pki.IssueEuicc(Eid);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string ListFile => Path.Combine(Directory.CreateDirectory(_folder.File("crl")).FullName, "ci.crl");

    public void Dispose()
    {
        _card.Dispose();
        _pki.Dispose();
        _log.Dispose();
        _services.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(DbEngine.Sqlite)]
    [InlineData(DbEngine.Postgres)]
    public async Task EUICC_that_was_known_already_is_not_believed_while_it_is_in_quarantine(DbEngine engine)
    {
        await using var lab = new EngineLab(engine);
        var device = await lab.NewKnownDeviceAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var result = device.Execute((await device.PollAsync())!);

        lab.Trust.Revocations = new Revocations([], Quarantine.Read([("list", Encoding.UTF8.GetBytes($"eid {device.Eid}"))]));
        await device.ProvideAndLoseAnswerAsync(result);
        Assert.NotEqual(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
        lab.AssertWarned("the eUICC is in quarantine");

        lab.Trust.Revocations = Revocations.None;
        await device.ProvideAndLoseAnswerAsync(result);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    [Theory]
    [InlineData("certificate", "the EUM certificate * is in quarantine")]
    [InlineData("serial", "the EUM certificate * is in quarantine")]
    [InlineData("key", "the EUM certificate * is in quarantine")]
    [InlineData("list of the CI", "the EUM certificate * is revoked by its issuer")]
    [InlineData("serial of the eUICC", "the eUICC certificate * is in quarantine")]
    public async Task EUICC_that_was_known_already_is_not_believed_while_its_EUM_is_not(string by, string reason)
    {
        await using var lab = new EngineLab(DbEngine.Sqlite);
        var eid = Eid.Parse("89049032000000000000000000000043");
        using var card = lab.Pki.IssueEuicc(eid);
        var device = await lab.NewDeviceAsync(43, card);
        await device.RunAsync();
        var operation = await lab.ScheduleAsync(device, OperationAction.Enable, EngineLab.Second);
        var result = device.Execute((await device.PollAsync())!);
        var eum = lab.Pki.Eum.Certificate;
        var text = by switch
        {
            "certificate" => eum.ToPem(),
            "serial" => $"serial {Convert.ToHexString(eum.SerialNumber.Span)}",
            "key" => $"key {Convert.ToHexString(eum.SubjectKeyIdentifier!.Value.Span)}",
            "serial of the eUICC" => $"serial {Convert.ToHexString(card.Certificate.SerialNumber.Span)}",
            _ => "",
        };
        var lists = by == "list of the CI" ? Revocations.Read(Encoding.UTF8.GetBytes(List(lab.Pki.Ci, lab.Pki))) : [];

        lab.Trust.Revocations = new Revocations(lists.Select(list => ("ci.crl", list)), Quarantine.Read([("list", Encoding.UTF8.GetBytes(text))]));
        await device.ProvideAndLoseAnswerAsync(result);
        Assert.Equal(OperationStatus.Scheduled, (await lab.ReadAsync(device, operation)).Status);
        var revoked = by == "serial of the eUICC" ? card.Certificate : eum;
        lab.AssertWarned(reason.Replace("*", Convert.ToHexString(revoked.SerialNumber.Span).TrimStart('0'), StringComparison.Ordinal));

        lab.Trust.Revocations = new Revocations([], Quarantine.Read([("list", "serial 00"u8.ToArray())]));
        await device.ProvideAndLoseAnswerAsync(result);
        Assert.Equal(OperationStatus.Succeeded, (await lab.ReadAsync(device, operation)).Status);
    }

    [Fact]
    public async Task Quarantine_is_read_again_when_it_changes_and_a_wrong_one_leaves_the_one_before_in_force()
    {
        var file = _folder.File("quarantine");
        await File.WriteAllTextAsync(file, $"eid {Eid}", Ct);
        using var watch = Open(null, file);
        Assert.Equal(ChainError.Quarantined, Verify());

        await File.WriteAllTextAsync(file, "nonsense", Ct);
        await watch.RunOnceAsync(Ct);
        await watch.RunOnceAsync(Ct);
        Assert.Equal(ChainError.Quarantined, Verify());
        var error = Assert.Single(_log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
        Assert.Contains("quarantine: line 1 is none of: serial HEX, key HEX, eid DIGITS", error, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "# nobody", Ct);
        await watch.RunOnceAsync(Ct);
        Assert.Equal(ChainError.None, Verify());
    }

    [Fact]
    public async Task Revocation_list_is_read_when_it_comes_and_told_of_when_it_expires()
    {
        Directory.CreateDirectory(_folder.File("crl"));
        using var watch = Open(_folder.File("crl"), null);
        Assert.Equal(ChainError.None, Verify());

        await File.WriteAllTextAsync(ListFile, List(_pki.Ci), Ct);
        await watch.RunOnceAsync(Ct);
        Assert.Equal(ChainError.Revoked, Verify());
        Assert.DoesNotContain(_log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal));

        _clock.Advance(TimeSpan.FromDays(31));
        await watch.RunOnceAsync(Ct);
        await watch.RunOnceAsync(Ct);
        Assert.Equal(ChainError.Revoked, Verify());
        Assert.Contains("ci.crl is past its next update", Assert.Single(_log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_that_its_CI_did_not_sign_ends_the_start_and_later_leaves_the_one_before_in_force()
    {
        using var forger = _pki.IssueCi();
        await File.WriteAllTextAsync(ListFile, List(forger), Ct);
        Assert.Equal(
            "The revocation list ci.crl is not signed by the CI that it names.", Assert.Throws<SetupException>(() => Open(_folder.File("crl"), null)).Message);

        await File.WriteAllTextAsync(ListFile, List(_pki.Ci), Ct);
        using var watch = Open(_folder.File("crl"), null);
        await File.WriteAllTextAsync(ListFile, List(forger) + "\n", Ct);
        await watch.RunOnceAsync(Ct);
        Assert.Equal(ChainError.Revoked, Verify());
    }

    private RevocationWatch Open(string? lists, string? quarantine) => RevocationWatch.Open(
        lists, quarantine, _trust, _services.GetRequiredService<IMeterFactory>(), "test", _clock, LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<RevocationWatch>());

    private ChainError Verify() => _trust.VerifyEuicc(_card.Certificate, _pki.Eum.Certificate, Eid, _clock.GetUtcNow()).Error;

    /// <summary>A list in the CI's name that revokes the EUM.</summary>
    private string List(RspIdentity signer) => List(signer, _pki);

    private string List(RspIdentity signer, TestPki pki)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(signer.Key.ToPkcs8(), out _);
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry(pki.Eum.Certificate.SerialNumber.Span);
        var list = builder.Build(
            new X500DistinguishedName(pki.Ci.Certificate.Subject.Span),
            X509SignatureGenerator.CreateForECDsa(key),
            1,
            _clock.GetUtcNow().AddDays(30),
            HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(pki.Ci.Certificate.SubjectKeyIdentifier!.Value.Span),
            _clock.GetUtcNow().AddDays(-1));
        return PemEncoding.WriteString("X509 CRL", list);
    }
}

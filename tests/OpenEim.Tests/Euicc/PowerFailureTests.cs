using OpenEim.Device.Euicc;
using OpenEim.Device.Transports;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Tests.Euicc.CardBench;

namespace OpenEim.Tests.Euicc;

/// <summary>Whatever the moment, a command has happened whole or not at all.</summary>
public sealed class PowerFailureTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("openeim-card-").FullName;

    private string CardFile => Path.Combine(_folder, "card.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private CardBench OnFile() => Make(memory: new FileEuiccMemory(CardFile));

    [Fact]
    public void Power_lost_before_the_write_the_package_has_not_run_and_can_be_sent_again()
    {
        var bench = OnFile();
        var package = bench.Package(new EnableProfile(B, false));
        bench.Card.PowerFailure = point => point == PowerFailurePoint.BeforeWrite;
        Assert.Throws<CardRemovedException>(() => bench.Terminal.Store(package));
        Assert.Throws<CardRemovedException>(() => bench.Terminal.Send("0070000001"));

        bench.LoadAgain();
        Assert.Equal((0L, 1L, A), (bench.State.ExecutedPackages, bench.State.NextSequenceNumber, bench.State.EnabledProfile));
        Assert.Equal("830100", ResultsOf(bench.Load(package)));
    }

    [Fact]
    public void Power_lost_after_the_write_the_package_has_run_once_and_its_result_is_there()
    {
        var bench = OnFile();
        var package = bench.Package(new EnableProfile(B, false));
        bench.Card.PowerFailure = point => point == PowerFailurePoint.AfterWrite;
        Assert.Throws<CardRemovedException>(() => bench.Terminal.Store(package));

        // The same card, powered on again, and the same card in another process.
        bench.Card.PowerFailure = null;
        bench.Terminal.Open();
        Assert.Equal(EuiccPackageErrorCode.ReplayError, Assert.IsType<EuiccPackageErrorSigned>(bench.Load(package)).Code);
        bench.LoadAgain();
        Assert.Equal((1L, B), (bench.State.ExecutedPackages, bench.State.EnabledProfile));
        Assert.Equal("830100", ResultsOf(bench.Verified(Assert.Single(bench.Retrieve(new(PackageResults: true)).PackageResults!))));
        Assert.Equal(EuiccPackageErrorCode.ReplayError, Assert.IsType<EuiccPackageErrorSigned>(bench.Load(package)).Code);
    }

    [Fact]
    public void Everything_survives_in_the_file_which_only_its_owner_can_read()
    {
        var bench = OnFile();
        bench.Run(new AddEim(bench.Association("second", token: -1)));
        bench.Run(new SetFallbackAttribute(C));
        bench.Run(new ConfigureImmediateEnable(true, new byte[] { 0x2A }, "dp.example.com"));
        bench.Run(new EnableProfile(B, true));
        bench.Terminal.Es10("BF5D038001FF");
        var before = bench.State;
        Assert.Equal(5, before.NextSequenceNumber);
        bench.LoadAgain();

        Assert.Equivalent(before, bench.State, strict: true);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(CardFile));
        }

        Assert.Equal([CardFile], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"version\":2")]
    public void A_file_that_is_no_card_is_told(string content)
    {
        File.WriteAllText(CardFile, content);
        Assert.Throws<InvalidDataException>(() => VirtualEuicc.Load(new FileEuiccMemory(CardFile)));
    }

    [Fact]
    public void A_file_of_another_format_is_told_and_so_is_a_missing_one()
    {
        Assert.Throws<InvalidDataException>(() => VirtualEuicc.Load(new FileEuiccMemory(CardFile)));
        OnFile();
        File.WriteAllText(CardFile, File.ReadAllText(CardFile).Replace("\"version\": 2", "\"version\": 3", StringComparison.Ordinal));
        Assert.Contains("format 3", Assert.Throws<InvalidDataException>(() => VirtualEuicc.Load(new FileEuiccMemory(CardFile))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_factory_refuses_profiles_that_contradict_each_other()
    {
        ManufacturedProfile enabled = new(A) { State = ProfileState.Enabled };
        ManufacturedProfile fallback = new(A) { FallbackAllowed = true, FallbackAttribute = true };
        Assert.Throws<ArgumentException>(() => Make(profiles: [enabled, enabled with { Iccid = B }]));
        Assert.Throws<ArgumentException>(() => Make(profiles: [fallback, fallback with { Iccid = B }]));
        Assert.Throws<ArgumentException>(() => Make(profiles: [fallback with { FallbackAllowed = false }]));
        Assert.Throws<ArgumentException>(() => Make(profiles: [enabled, fallback]));
    }
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>The program in <c>bench/</c> as its users run it: the report for programs and for people, and the loads on a server of the user's own.</summary>
public sealed partial class BenchmarksTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Report_of_one_part_is_written_for_people_and_as_figures()
    {
        var (json, markdown) = (_folder.File("figures.json"), _folder.File("report.md"));
        var (code, output) = await RunAsync("report", "--quick", "--only", "poll-allocations", "--json", json, "--output", markdown, "--data", _folder.Path);

        Assert.True(code == 0, output);
        var figures = JsonNode.Parse(await File.ReadAllTextAsync(json, Ct))!.AsArray();
        Assert.Equal("allocated for an idle poll without HTTP, SQLite, bytes (at most)", figures[0]!["name"]!.GetValue<string>());
        foreach (var figure in figures)
        {
            Assert.Equal(["name", "measured", "reference", "ratio", "budget", "ok"], figure!.AsObject().Select(property => property.Key));
            var (measured, reference) = (figure["measured"]!.GetValue<double>(), figure["reference"]!.GetValue<double>());
            Assert.Equal(1024, reference);
            Assert.Equal(measured / reference, figure["ratio"]!.GetValue<double>(), 1e-9);
            Assert.Equal(1, figure["budget"]!.GetValue<double>());
            Assert.Equal(measured <= reference, figure["ok"]!.GetValue<bool>());
        }

        var report = await File.ReadAllTextAsync(markdown, Ct);
        Assert.Contains("report --quick --only poll-allocations", report, StringComparison.Ordinal);
        Assert.Contains("| allocated for an idle poll without HTTP, SQLite, bytes (at most) |", report, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(_folder.Path, "openeim-bench-*"));
    }

    [Fact]
    public async Task Loads_poll_and_read_a_server_and_tell_what_came_back()
    {
        await using var server = await ServerProcess.StartAsync(3);
        var esipa = await RunAsync(
            "load", "esipa", "--url", server.EsipaUrl, "--api-url", server.ApiUrl, "--token-file", server.TokenPath, "--duration", "1", "--connections", "4");
        Assert.True(esipa.Code == 0, esipa.Output);
        Assert.True(CountOf(esipa.Output, "nothing to do") > 0, esipa.Output);
        Assert.Contains("errors     none", esipa.Output, StringComparison.Ordinal);

        var rest = await RunAsync(
            "load", "rest", "--url", server.ApiUrl, "--token-file", server.TokenPath, "--duration", "2", "--rate", "50", "--connections", "4", "--audit-every", "25");
        Assert.True(rest.Code == 0, rest.Output);
        Assert.InRange(Requests(rest.Output), 50, 101); // 50 a second for two seconds, the first and the last one included
        Assert.Contains("errors     none", rest.Output, StringComparison.Ordinal);
        Assert.Contains("Scheduled", await server.StatusesAsync(0), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(2, "has 32 digits", "load", "esipa", "--url", "http://127.0.0.1:1", "--first-eid", "12")]
    [InlineData(2, "cannot be read", "load", "esipa", "--url", "http://127.0.0.1:1", "--eids", "nowhere.txt")]
    [InlineData(2, "Give one of --eids, --first-eid and --api-url", "load", "esipa", "--url", "http://127.0.0.1:1")]
    [InlineData(2, "must be more than 0", "load", "esipa", "--url", "http://127.0.0.1:1", "--first-eid", "89044045930000000000000000000001", "--connections", "0")]
    [InlineData(1, "ConnectionError", "load", "esipa", "--url", "http://127.0.0.1:1", "--first-eid", "89044045930000000000000000000001", "--duration", "0.5", "--rate", "10")]
    [InlineData(1, "is not of the form https://host:port", "load", "rest", "--url", "ftp://127.0.0.1")]
    [InlineData(1, "nonsense", "report", "--only", "nonsense")]
    public async Task What_makes_no_sense_is_told(int code, string why, params string[] arguments)
    {
        var (ended, output) = await RunAsync(arguments);
        Assert.True(ended == code, $"{ended}: {output}");
        Assert.Contains(why, output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var program = Path.GetFullPath(Path.Combine(
            AppContext.BaseDirectory, "../../../../../bench/OpenEim.Benchmarks/bin", configuration, "net10.0", "OpenEim.Benchmarks.dll"));
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(Ct), process.StandardError.ReadToEndAsync(Ct));
            await process.WaitForExitAsync(Ct);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private static int CountOf(string output, string kind) => Number(Regex.Match(output, $@"{kind} ([\d,]+)"));

    private static int Requests(string output) => Number(RequestsLine().Match(output));

    private static int Number(Match match) => int.Parse(match.Groups[1].Value, System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"requests +([\d,]+)")]
    private static partial Regex RequestsLine();
}

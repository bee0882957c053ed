using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OpenEim.Hosting.Keys;
using OpenEim.Tests.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>Both servers as processes that cannot start: one sentence on standard error, exit code 1, no stack trace.</summary>
public sealed class StartFailureTests : IDisposable
{
    private const string Eim = "openeim-server";
    private const string Smdp = "openeim-smdp";

    private readonly TempFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Data => _folder.File("data");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Eim)]
    [InlineData(Smdp)]
    public async Task Master_key_that_others_can_read(string program)
    {
        var key = _folder.File("shared.key");
        using (MasterKeyFile.LoadOrCreate(key))
        {
            Lax(key);
        }

        Assert.Equal(
            $"The key file {key} can be reached by others than its owner: restrict it (chmod 600) before starting.",
            await FailAsync(program, "--data", Data, "--master-key", key));
    }

    [Theory]
    [InlineData(Eim)]
    [InlineData(Smdp)]
    public async Task Private_key_of_the_PKI_that_others_can_read(string program)
    {
        Directory.CreateDirectory(Path.Combine(Data, "pki"));
        Assert.Equal(0, await ExitAsync(Run(program, "db", "upgrade", "--data", Data)));
        var key = Path.Combine(Data, "pki", "ci.key");
        DataFolder.WritePrivate(key, "not even read");
        Lax(key);

        Assert.Equal(
            $"The key file {key} can be reached by others than its owner: restrict it (chmod 600) before starting.", await FailAsync(program, "--data", Data));
    }

    [Theory]
    [InlineData(Eim, "an eIM", "backup", "copy.db")]
    [InlineData(Eim, "an eIM", "restored", "--skip=1")]
    [InlineData(Smdp, "an SM-DP+", "backup", "copy.db")]
    public async Task A_database_of_nothing_is_neither_backed_up_nor_restored(string program, string whose, string command, string argument)
    {
        var given = argument.StartsWith('-') ? argument : _folder.File(argument);
        Directory.CreateDirectory(Data);

        Assert.Equal(
            $"{Path.Combine(Data, program == Eim ? "openeim.db" : "openeim-smdp.db")} holds no data of {whose}; --data or --database must name the one that is meant.",
            await FailAsync(program, "db", command, given, "--data", Data));
        Assert.False(File.Exists(given));
    }

    [Theory]
    [InlineData(Eim, "db", "status")]
    [InlineData(Eim, "db", "upgrade")]
    [InlineData(Eim, "db", "backup", "copy.db")]
    [InlineData(Eim, "db", "restored")]
    [InlineData(Eim, "db", "distribute")]
    [InlineData(Smdp, "db", "status")]
    [InlineData(Smdp, "db", "upgrade")]
    [InlineData(Smdp, "db", "backup", "copy.db")]
    [InlineData(Smdp, "profile", "list")]
    [InlineData(Smdp, "profile", "export", "--output", "keys.csv")]
    public async Task Data_folder_that_is_not_there_is_not_made_by_a_command_that_needs_its_content(string program, params string[] command)
    {
        Assert.Equal(
            $"There is no data folder {Data}; --data must name the one that is meant.", await FailAsync(program, [.. command.Select(InFolder), "--data", Data]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("NoSuch", "There is no profile of type NoSuch in stock; nothing is exported.")]
    [InlineData(null, "There is no profile in stock; nothing is exported.")]
    public async Task Export_of_no_profile_writes_no_file(string? type, string sentence)
    {
        Directory.CreateDirectory(Path.Combine(Data, "pki"));
        var output = _folder.File("keys.csv");

        Assert.Equal(sentence, await FailAsync(Smdp, ["profile", "export", "--data", Data, "--output", output, .. type is null ? (string[])[] : ["--type", type]]));
        Assert.False(File.Exists(output));
    }

    [Fact]
    public async Task Roots_for_TLS_that_hold_no_certificate()
    {
        var roots = _folder.File("roots.pem");
        await File.WriteAllTextAsync(roots, "no certificate", Ct);

        Assert.Equal(
            $"SmdpRoots {roots} holds no certificate.",
            await FailAsync(Eim, "--data", Data, "--api-url", "http://127.0.0.1:0", "--esipa-url", "https://127.0.0.1:0", "--smdp-roots", roots));
    }

    [Theory]
    [InlineData(Eim, true)]
    [InlineData(Eim, false)]
    [InlineData(Smdp, true)]
    [InlineData(Smdp, false)]
    public async Task PKI_that_cannot_be_read(string program, bool isFolder)
    {
        var pki = Directory.CreateDirectory(_folder.File("brought")).FullName;
        var ci = Path.Combine(pki, "ci.pem");
        if (isFolder)
        {
            Directory.CreateDirectory(ci);
        }
        else
        {
            File.CreateSymbolicLink(ci, _folder.File("nowhere.pem"));
        }

        Assert.StartsWith($"The PKI in {pki} cannot be used: ", await FailAsync(program, "--data", Data, "--pki", pki), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Eim, "openeim.db", 100)]
    [InlineData(Smdp, "openeim-smdp.db", 100)]
    [InlineData(Eim, "openeim.db", 0)]
    [InlineData(Smdp, "openeim-smdp.db", 0)]
    public async Task Database_with_damaged_pages(string program, string name, int intact)
    {
        Directory.CreateDirectory(Path.Combine(Data, "pki"));
        Assert.Equal(0, await ExitAsync(Run(program, "db", "upgrade", "--data", Data)));
        var file = Path.Combine(Data, name);
        await using (var stream = File.OpenWrite(file))
        {
            stream.Position = intact;
            stream.Write(Enumerable.Repeat((byte)0xEE, (int)stream.Length - intact).ToArray());
        }

        var sentence = $"The data file {file} is damaged or is not a database.";
        Assert.Equal(sentence, await FailAsync(program, "--data", Data));
        Assert.Equal(sentence, await RunToEndAsync(Run(program, "db", "status", "--data", Data)));
    }

    [Theory]
    [InlineData(Eim, "--api-url", "http")]
    [InlineData(Eim, "--esipa-url", "https")]
    [InlineData(Smdp, "--es9plus-url", "https")]
    [InlineData(Smdp, "--metrics-url", "http")]
    public async Task Port_that_is_taken(string program, string option, string scheme)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"{scheme}://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";

        Assert.StartsWith($"{url}/ cannot be listened on: ", await FailAsync(program, "--data", Data, option, url), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Eim)]
    [InlineData(Smdp)]
    public async Task Data_folder_that_cannot_be_made(string program)
    {
        var file = _folder.File("file");
        await File.WriteAllTextAsync(file, "", Ct);
        var data = Path.Combine(file, "data");
        Assert.StartsWith($"The data folder {data} cannot be used: ", await FailAsync(program, "--data", data), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Eim, "openeim.db", "master.key")]
    [InlineData(Eim, "openeim.db", "application-token")]
    [InlineData(Eim, "openeim.db", "pki/eim.key")]
    [InlineData(Smdp, "openeim-smdp.db", "master.key")]
    [InlineData(Smdp, "openeim-smdp.db", "pki/dppb.key")]
    public async Task Database_that_is_missing_beside_what_an_earlier_start_has_left(string program, string name, string companion)
    {
        Directory.CreateDirectory(Path.Combine(Data, "pki"));
        DataFolder.WritePrivate(Path.Combine(Data, companion), "of an earlier start");

        var sentence =
            $"The database {Path.Combine(Data, name)} is missing, although {companion} beside it is of an earlier start: restore it, or say that a new one is meant (--new-database).";
        Assert.Equal(sentence, await FailAsync(program, "--data", Data));
        Assert.Equal(sentence, await RunToEndAsync(Run(program, "db", "upgrade", "--data", Data)));
        Assert.False(File.Exists(Path.Combine(Data, name)));
        Assert.Equal("of an earlier start", await File.ReadAllTextAsync(Path.Combine(Data, companion), Ct));
        Assert.Equal(0, await ExitAsync(Run(program, "db", "upgrade", "--data", Data, "--new-database")));
    }

    [Theory]
    [InlineData(Eim, ">/dev/full", "The standard output cannot be written: ")]
    [InlineData(Smdp, ">/dev/full", "The standard output cannot be written: ")]
    [InlineData(Eim, ">&-", "The standard output is closed: ")]
    [InlineData(Smdp, ">&-", "The standard output is closed: ")]
    [InlineData(Eim, "| true", "The standard output cannot be written: ")]
    public async Task Standard_output_that_takes_nothing(string program, string where, string sentence)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /dev/full.");
        var server = string.Join(' ', Command(program, "--data", Data).Prepend("dotnet").Select(word => $"'{word}'"));
        var script = where[0] == '|' ? $"set -o pipefail; ({server}; exit $?) {where}" : $"exec {server} {where}";
        Assert.StartsWith(sentence, await RunToEndAsync(Start("bash", "-c", script)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Eim, 16)]
    [InlineData(Eim, 128)]
    [InlineData(Eim, 64)]
    [InlineData(Smdp, 16)]
    [InlineData(Smdp, 128)]
    public async Task Disk_that_is_full(string program, int kilobytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && await ExitAsync(Start("unshare", "-rm", "true")) == 0, "Needs the right to mount a small disk.");
        Directory.CreateDirectory(Data);
        var server = string.Join(' ', Command(program, "--data", Data).Prepend("dotnet").Select(word => $"'{word}'"));
        var sentence = await RunToEndAsync(Start("unshare", "-rm", "sh", "-c", $"mount -t tmpfs -o size={kilobytes}k tmpfs '{Data}' && exec {server}"));
        Assert.Contains("full", sentence, StringComparison.Ordinal);
    }

    /// <summary>Names of files become files of the test's folder.</summary>
    private string InFolder(string word) => Path.HasExtension(word) ? _folder.File(word) : word;

    private static string[] Command(string program, params string[] arguments) =>
    [
        Path.Combine(AppContext.BaseDirectory, program + ".dll"),
        .. arguments,
        .. Free(program, arguments),
    ];

    /// <summary>Ports of their own for the listeners that the test does not name.</summary>
    private static IEnumerable<string> Free(string program, string[] arguments)
    {
        if (arguments[0] is "db" or "profile")
        {
            return [];
        }

        (string Option, string Url)[] listeners = program == Eim
            ? [("--api-url", "http://127.0.0.1:0"), ("--esipa-url", "https://127.0.0.1:0")]
            : [("--es9plus-url", "https://127.0.0.1:0"), ("--es2plus-url", "http://127.0.0.1:0")];
        return listeners.Where(listener => !arguments.Contains(listener.Option)).SelectMany(listener => new[] { listener.Option, listener.Url });
    }

    private static Process Run(string program, params string[] arguments) => Start("dotnet", Command(program, arguments));

    private static Process Start(string file, params string[] arguments) => Process.Start(new ProcessStartInfo(file, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static Task<string> FailAsync(string program, params string[] arguments) => RunToEndAsync(Run(program, arguments));

    private static async Task<int> ExitAsync(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(Ct);
            await process.StandardError.ReadToEndAsync(Ct);
            await output;
            await process.WaitForExitAsync(Ct);
            return process.ExitCode;
        }
    }

    /// <summary>The sentence of a process that ends with 1.</summary>
    private static async Task<string> RunToEndAsync(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(Ct);
            var errors = await process.StandardError.ReadToEndAsync(Ct);
            Assert.DoesNotContain("   at ", await output, StringComparison.Ordinal);
            await process.WaitForExitAsync(Ct);
            Assert.Equal(1, process.ExitCode);
            var sentence = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.DoesNotContain("Exception", sentence, StringComparison.Ordinal);
            return sentence;
        }
    }

    private static void Lax(string file)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no permission bits.");
            return;
        }

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }
}

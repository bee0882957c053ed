using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using OpenEim.Tests.Storage;

[assembly: AssemblyFixture(typeof(PostgresEnd))]

namespace OpenEim.Tests.Storage;

/// <summary>A PostgreSQL of the tests' own, in a temporary folder on a free port of the loopback. It can be killed and started again.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string Owner = "openeim";

    private static readonly Lazy<Task<PostgresServer>> SharedServer = new(() => StartAsync(durable: false));

    private readonly string _folder = Directory.CreateTempSubdirectory("openeim-postgres-").FullName;
    private readonly bool _durable;
    private readonly string[] _settings;
    private Process? _process;
    private int _databases;

    private PostgresServer(bool durable, string[] settings) => (_durable, _settings) = (durable, settings);

    public int Port { get; private set; }

    /// <summary>Where it writes what the settings let it log.</summary>
    public string LogFile => Path.Combine(Data, "log", "server.log");

    private string Data => Path.Combine(_folder, "data");

    /// <summary>The one that all tests share which do not disturb it. It does not wait for the disk.</summary>
    public static async Task<PostgresServer> SharedAsync()
    {
        Require();
        return await SharedServer.Value;
    }

    /// <summary>One of the test's own.</summary>
    /// <param name="durable">Whether commits reach the disk.</param>
    /// <param name="settings">What it is set up with besides, as <c>name=value</c>.</param>
    public static async Task<PostgresServer> StartAsync(bool durable, params string[] settings)
    {
        Require();
        var server = new PostgresServer(durable, settings);
        try
        {
            await server.InitialiseAsync();
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Skips the test where PostgreSQL is not on the machine; where CI is set that is a failure.</summary>
    public static void Require()
    {
        if (Find("initdb") is null || Find("postgres") is null)
        {
            const string reason = "PostgreSQL (initdb, postgres) is not on the PATH";
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") is not null, reason);
            Assert.Fail(reason);
        }
    }

    /// <summary>Makes an empty database, or a copy of another that nobody is connected to.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(string? template = null)
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template ?? "template0"} STRATEGY FILE_COPY");
        return ConnectionString(name);
    }

    public Task DropDatabaseAsync(string connectionString) =>
        ExecuteAsync($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    /// <summary>Runs a statement as the superuser, in the maintenance database.</summary>
    public async Task ExecuteAsync(string sql, string database = "postgres")
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The files of a database: tables, indexes and all.</summary>
    public IEnumerable<string> FilesOf(string database)
    {
        using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand("SELECT oid::bigint FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = database } } };
        return Directory.GetFiles(Path.Combine(Data, "base", command.ExecuteScalar()!.ToString()!));
    }

    public string ConnectionString(string database, string user = Owner) => $"Host=127.0.0.1;Port={Port};Username={user};Database={database}";

    /// <summary>Starts it over what is in its folder.</summary>
    public async Task StartAsync()
    {
        if (Port == 0)
        {
            Port = FreePort();
        }

        string[] settings =
        [
            "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", "shared_buffers=64MB",
            .. _durable ? Array.Empty<string>() : ["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
            .. _settings,
        ];
        _process = Run("postgres", ["-D", Data, "-p", Port.ToString(CultureInfo.InvariantCulture), .. settings.SelectMany(setting => new[] { "-c", setting })]);
        _ = _process.StandardOutput.ReadToEndAsync();
        var errors = _process.StandardError.ReadToEndAsync();
        for (var patience = Stopwatch.StartNew(); ;)
        {
            try
            {
                await ExecuteAsync("SELECT 1");
                return;
            }
            catch (NpgsqlException) when (!_process.HasExited && patience.Elapsed < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(50);
            }
            catch (NpgsqlException e)
            {
                throw new InvalidOperationException($"PostgreSQL did not start: {(_process.HasExited ? await errors : e.Message)}", e);
            }
        }
    }

    /// <summary>SIGKILL to the server and all its processes: no chance to write anything.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL", withChildren: true);
        await _process!.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await SignalAsync("INT", withChildren: false);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static ValueTask EndSharedAsync() =>
        SharedServer is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } ? SharedServer.Value.Result.DisposeAsync() : default;

    /// <summary>One of PostgreSQL's own programs.</summary>
    public static Task RunToolAsync(string program, params string[] arguments) => EndAsync(Process.Start(new ProcessStartInfo(
        Find(program) ?? throw new InvalidOperationException($"{program} is not on the PATH"), arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!);

    private async Task InitialiseAsync()
    {
        if (Environment.UserName == "root")
        {
            await EndAsync(Process.Start("chown", [Account, _folder]));
        }

        await EndAsync(Run("initdb", ["-D", Data, "-U", Owner, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]));
    }

    private async Task SignalAsync(string signal, bool withChildren)
    {
        var postmaster = (await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0];
        List<string> processes = [postmaster];
        if (withChildren)
        {
            using var list = Process.Start(new ProcessStartInfo("ps", ["-o", "pid=", "--ppid", postmaster]) { RedirectStandardOutput = true })!;
            processes.AddRange((await list.StandardOutput.ReadToEndAsync()).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }

        using var kill = Process.Start(new ProcessStartInfo("kill", ["-" + signal, .. processes]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync();
    }

    private static async Task EndAsync(Process process)
    {
        using (process)
        {
            var errors = process.StartInfo.RedirectStandardError ? process.StandardError.ReadToEndAsync() : Task.FromResult("");
            _ = process.StartInfo.RedirectStandardOutput ? process.StandardOutput.ReadToEndAsync() : Task.FromResult("");
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"{process.StartInfo.FileName} ended with {process.ExitCode}: {await errors}");
            }
        }
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static string Account => File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    private Process Run(string program, string[] arguments)
    {
        var path = Find(program)!;
        string[] command = Environment.UserName == "root" ? ["setpriv", "--reuid", Account, "--regid", Group(Account), "--clear-groups", path, .. arguments] : [path, .. arguments];
        return Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        })!;
    }

    private static string Group(string account) =>
        File.ReadLines("/etc/passwd").First(line => line.StartsWith(account + ":", StringComparison.Ordinal)).Split(':')[3];

    private static string? Find(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Ends the shared server after the last test.</summary>
public sealed class PostgresEnd : IAsyncDisposable
{
    public ValueTask DisposeAsync() => PostgresServer.EndSharedAsync();
}

using OpenEim.Hosting.Keys;
using OpenEim.Protocol.Security;
using OpenEim.Smdp;
using OpenEim.Smdp.Profiles;

namespace OpenEim.Fuzzing.Targets.Listeners;

/// <summary>A whole SM-DP+ on free ports of the loopback, on SQLite in a temporary folder, with profiles in stock.</summary>
internal sealed class SmdpLab : IAsyncDisposable
{
    /// <summary>The address in the seeds.</summary>
    public const string Address = "smdp.example.com";

    /// <summary>The profile type in the seeds.</summary>
    public const string ProfileType = "IoT";

    private readonly string _folder = Directory.CreateTempSubdirectory("openeim-fuzz-").FullName;

    private SmdpLab()
    {
    }

    public SmdpHost Host { get; private set; } = null!;

    public TestPki Pki { get; } = new(EcCurve.P256, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(5));

    /// <summary>Starts it.</summary>
    /// <param name="profiles">How many profiles are in stock.</param>
    /// <param name="database">A PostgreSQL; null for a file of its own.</param>
    public static async Task<SmdpLab> StartAsync(int profiles, string? database = null)
    {
        var lab = new SmdpLab();
        try
        {
            await lab.OpenAsync(profiles, database).ConfigureAwait(false);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Host is not null)
        {
            await Host.DisposeAsync().ConfigureAwait(false);
        }

        Pki.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task OpenAsync(int profiles, string? database)
    {
        var pki = Directory.CreateDirectory(Path.Combine(_folder, "pki")).FullName;
        DataFolder.WritePrivate(Path.Combine(pki, "ci.pem"), Pki.Ci.Certificate.ToPem());
        DataFolder.WritePrivate(Path.Combine(pki, "ci.key"), Pki.Ci.Key.ToPem());
        Host = await SmdpHost.StartAsync(new SmdpOptions
        {
            Data = Path.Combine(_folder, "data"),
            Database = database,
            Pki = pki,
            Es9PlusUrl = new Uri("http://127.0.0.1:0"),
            Es2PlusUrl = new Uri("http://127.0.0.1:0"),
            Hosts = [Address],
        }).ConfigureAwait(false);
        await Host.Profiles.AddTypeAsync(new ProfileTypeDefinition(ProfileType), CancellationToken.None).ConfigureAwait(false);
        await Host.Profiles.GenerateAsync(ProfileType, profiles, CancellationToken.None).ConfigureAwait(false);
    }
}

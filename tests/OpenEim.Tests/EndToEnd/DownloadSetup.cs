using OpenEim.Device;
using OpenEim.Device.Euicc;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Security;
using OpenEim.Server;
using OpenEim.Smdp;
using OpenEim.Storage;

namespace OpenEim.Tests.EndToEnd;

/// <summary>How a <see cref="DownloadInstallation"/> is made.</summary>
/// <param name="Indirect">Whether downloads go through the eIM; otherwise the devices go to the SM-DP+ themselves.</param>
internal sealed record DownloadSetup(bool Indirect)
{
    public int Devices { get; init; } = 1;

    /// <summary>The version of SGP.32 that cards and IPAs speak.</summary>
    public Sgp32Version Sgp32 { get; init; } = Sgp32Version.V12;

    /// <summary>The binding of ESipa that IPAs speak.</summary>
    public EsipaBinding Binding { get; init; } = EsipaBinding.Asn1;

    /// <summary>What the data of eIM and SM-DP+ are in; by default, as for everybody, files in their folders.</summary>
    public DbEngine Engine { get; init; } = DbEngine.Sqlite;

    /// <summary>Whether the SM-DP+ is reached through an <see cref="SmdpProxy"/>, in plain HTTP; otherwise by TLS and without anything between.</summary>
    public bool ThroughProxy { get; init; }

    /// <summary>Whether eIM and SM-DP+ speak ES2+ over mutual TLS, both ways; otherwise in plain HTTP.</summary>
    public bool MutualTls { get; init; }

    /// <summary>Of each card, for downloaded profiles.</summary>
    public int MemorySize { get; init; } = EuiccManufacture.DefaultMemorySize;

    /// <summary>How long a released profile may be downloaded.</summary>
    public TimeSpan OrderLifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary>What the devices' IPAs tell where a confirmation code is demanded.</summary>
    public string? ConfirmationCode { get; init; }

    /// <summary>What else is set of the eIM.</summary>
    public Func<ServerOptions, ServerOptions> Eim { get; init; } = options => options;

    /// <summary>What else is set of the SM-DP+.</summary>
    public Func<SmdpOptions, SmdpOptions> Smdp { get; init; } = options => options;

    /// <summary>Where both log.</summary>
    public Action<ILoggingBuilder>? Logging { get; init; }

    /// <summary>Writes the files of the SM-DP+'s own PKI into a folder, given the CI that the cards trust; null where it is of that CI.</summary>
    public Action<string, RspCertificate>? SmdpPki { get; init; }
}

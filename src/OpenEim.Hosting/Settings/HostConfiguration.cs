namespace OpenEim.Hosting.Settings;

/// <summary>Where the settings come from beside the command line.</summary>
public static class HostConfiguration
{
    /// <summary>What appsettings.json in the working folder and the environment say; the later one wins.</summary>
    public static IConfiguration Read() => new ConfigurationBuilder().AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().Build();
}

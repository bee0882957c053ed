using OpenEim.Smdp;
using OpenEim.Smdp.Profiles;

namespace OpenEim.Demo;

/// <summary>The demo's SM-DP+, with a hundred profiles in stock; those of one type have no network.</summary>
internal static class DemoSmdp
{
    /// <summary>The type that works.</summary>
    public const string TypeName = "Demo IoT";

    /// <summary>The type without a network.</summary>
    public const string DeadTypeName = "Demo dead network";

    /// <summary>Stands in the devices' dead_profiles.</summary>
    public const string DeadIccids = DeadPrefix + "*";

    private const string DeadPrefix = "8988099";

    private static readonly (ProfileTypeDefinition Type, int Count)[] Stock =
    [
        (new ProfileTypeDefinition(TypeName) { ServiceProviderName = "Demo Mobile", ProfileName = "Downloaded", FallbackAllowed = true, IccidPrefix = "8988010", ImsiPrefix = "99901" }, 90),
        (new ProfileTypeDefinition(DeadTypeName) { ServiceProviderName = "Nowhere Tel", ProfileName = "Downloaded dead network", IccidPrefix = DeadPrefix, ImsiPrefix = "99902" }, 10),
    ];

    /// <summary>Starts it and fills the stock at the first start.</summary>
    /// <param name="options">The demo's.</param>
    /// <param name="pki">The folder with the CI that all in the demo trust.</param>
    /// <param name="logging">What is printed.</param>
    /// <param name="ct">Ends the start.</param>
    public static async Task<SmdpHost> StartAsync(
        DemoOptions options, string pki, Action<ILoggingBuilder> logging, CancellationToken ct)
    {
        var host = await SmdpHost.StartAsync(
            new SmdpOptions
            {
                Data = Path.Combine(options.Data, "smdp"),
                Es9PlusUrl = options.SmdpUrl,
                Es2PlusUrl = new Uri("http://127.0.0.1:0"),
                Pki = pki,
            },
            null,
            logging,
            ct).ConfigureAwait(false);
        foreach (var (type, count) in Stock)
        {
            if (await host.Profiles.AddTypeAsync(type, ct).ConfigureAwait(false))
            {
                await host.Profiles.GenerateAsync(type.Name, count, ct).ConfigureAwait(false);
            }
        }

        return host;
    }
}

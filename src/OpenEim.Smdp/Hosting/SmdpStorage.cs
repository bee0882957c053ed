using OpenEim.Hosting.Running;

namespace OpenEim.Smdp;

/// <summary>Where the SM-DP+ keeps its data.</summary>
internal static class SmdpStorage
{
    /// <summary>Its database.</summary>
    public static ServiceDatabase Place { get; } =
        new("openeim-smdp", "an SM-DP+", typeof(SmdpStorage).Assembly, "openeim-smdp.db", ["master.key", "pki/dppb.key"]);
}

using OpenEim.Hosting.Running;
using OpenEim.Manager;

namespace OpenEim.Server;

/// <summary>Where the eIM keeps its data.</summary>
internal static class EimDatabase
{
    /// <summary>Its database.</summary>
    public static ServiceDatabase Place { get; } =
        new("openeim-server", "an eIM", typeof(Eim).Assembly, "openeim.db", ["master.key", EimHost.ApplicationTokenName, "pki/eim.key"]);
}

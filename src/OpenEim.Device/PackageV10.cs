using OpenEim.Protocol;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device;

/// <summary>What an eUICC package looks like to a card or an IPA of SGP.32 v1.0.</summary>
public static class PackageV10
{
    /// <summary>Whether v1.0 has the commands of a package: it lacks the fallback attribute and the default SM-DP+ address.</summary>
    public static bool Knows(EuiccPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        return package.ParsedWhole && package.Psmos?.Any(psmo => psmo is SetFallbackAttribute or UnsetFallbackAttribute or SetDefaultDpAddress) is not true;
    }

    /// <summary>Throws for a package with commands that v1.0 lacks: its decoder knows no such alternative, so the whole package is unreadable.</summary>
    internal static void ThrowIfUnknown(EuiccPackage package)
    {
        if (!Knows(package))
        {
            throw new ProtocolException("SGP.32 v1.0 has no such command");
        }
    }
}

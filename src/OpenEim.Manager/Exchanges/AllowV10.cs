
namespace OpenEim.Manager.Exchanges;

/// <summary>Whether devices are served that begin a download without saying which eUICC they are (SGP.32 v1.0, InitiateAuthentication).</summary>
public enum AllowV10
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>
    /// Where a device that is known to speak v1.0 has a download waiting for that SM-DP+, or a device of which nothing is known that has polled
    /// on the same connection.
    /// </summary>
    Auto,

    /// <summary>Where any device has a download waiting for that SM-DP+.</summary>
    On,
}

using OpenEim.Protocol.Sgp22;

namespace OpenEim.Smdp.Es2Plus;

/// <summary>Codes of ES2+ beside those that it shares with ES9+ (SGP.22 5.2.6.1, 5.3).</summary>
internal static class Es2PlusStatusCodes
{
    /// <summary>Neither an ICCID nor a profile type.</summary>
    public static readonly StatusCode IccidMissing = new("8.2.1", "2.2");

    /// <summary>The function is not for a profile in this state.</summary>
    public static readonly StatusCode NotAllowed = new("8.2.1", "1.2");

    /// <summary>No such profile type.</summary>
    public static readonly StatusCode UnknownProfileType = new("8.2.5", "3.9");

    /// <summary>No profile of the type is in stock.</summary>
    public static readonly StatusCode NoProfileLeft = new("8.2.5", "3.7");

    /// <summary>The profile is of another type.</summary>
    public static readonly StatusCode OtherProfileType = new("8.2.5", "3.10");

    /// <summary>The SM-DS cannot be reached.</summary>
    public static readonly StatusCode SmdsInaccessible = new("8.9", "5.1");
}

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>The paths of ES9+ (SGP.22 6.5.2, 6.6.1).</summary>
public static class Es9PlusPaths
{
    /// <summary>JSON binding.</summary>
    public const string InitiateAuthentication = "/gsma/rsp2/es9plus/initiateAuthentication";

    /// <summary>JSON binding.</summary>
    public const string AuthenticateClient = "/gsma/rsp2/es9plus/authenticateClient";

    /// <summary>JSON binding.</summary>
    public const string GetBoundProfilePackage = "/gsma/rsp2/es9plus/getBoundProfilePackage";

    /// <summary>JSON binding.</summary>
    public const string HandleNotification = "/gsma/rsp2/es9plus/handleNotification";

    /// <summary>JSON binding.</summary>
    public const string CancelSession = "/gsma/rsp2/es9plus/cancelSession";

    /// <summary>ASN.1 binding, every function.</summary>
    public const string Asn1 = "/gsma/rsp2/asn1";
}

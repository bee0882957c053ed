namespace OpenEim.Protocol.Sgp22.Es2Plus;

/// <summary>The paths of ES2+ (SGP.22 6.5.2).</summary>
public static class Es2PlusPaths
{
    /// <summary>At the SM-DP+.</summary>
    public const string DownloadOrder = "/gsma/rsp2/es2plus/downloadOrder";

    /// <summary>At the SM-DP+.</summary>
    public const string ConfirmOrder = "/gsma/rsp2/es2plus/confirmOrder";

    /// <summary>At the SM-DP+.</summary>
    public const string CancelOrder = "/gsma/rsp2/es2plus/cancelOrder";

    /// <summary>At the SM-DP+.</summary>
    public const string ReleaseProfile = "/gsma/rsp2/es2plus/releaseProfile";

    /// <summary>At the operator.</summary>
    public const string HandleDownloadProgressInfo = "/gsma/rsp2/es2plus/handleDownloadProgressInfo";
}

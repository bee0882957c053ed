namespace OpenEim.Protocol.Sgp22.Es2Plus;

/// <summary>JSON answer of cancelOrder (SGP.22 6.5.2.3) and releaseProfile (SGP.22 6.5.2.4), and of any function of ES2+ that failed.</summary>
/// <param name="Header">How it went.</param>
public sealed record HeaderOnlyResponseJson(FunctionResponseHeader? Header) : IFunctionResponse;

namespace OpenEim.Protocol.Sgp22.Es2Plus;

/// <summary>JSON answer of cancelOrder and releaseProfile, and of any function of ES2+ that failed.</summary>
/// <param name="Header">How it went.</param>
public sealed record HeaderOnlyResponseJson(FunctionResponseHeader? Header) : IFunctionResponse;

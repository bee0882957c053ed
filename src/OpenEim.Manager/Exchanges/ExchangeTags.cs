namespace OpenEim.Manager.Exchanges;

/// <summary>The tags of measurements of exchanges: these are all their values.</summary>
internal static class ExchangeTags
{
    public static KeyValuePair<string, object?> Of(PollAnswer answer) => new("answer", answer switch
    {
        PollAnswer.Idle => "idle",
        PollAnswer.Package => "package",
        _ => "unknown",
    });

    public static KeyValuePair<string, object?> Of(ExchangeKind kind) => new("kind", kind switch
    {
        ExchangeKind.EuiccPackage => "euicc_package",
        ExchangeKind.DataRequest => "data_request",
        _ => "download_trigger",
    });

    public static KeyValuePair<string, object?> Of(Distrust reason) => new("reason", reason switch
    {
        Distrust.OtherEim => "other_eim",
        Distrust.UnknownKey => "unknown_key",
        Distrust.Signature => "signature",
        Distrust.Counter => "counter",
        Distrust.Certificate => "certificate",
        _ => "content",
    });
}

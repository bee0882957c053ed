namespace OpenEim.Device.Ipa;

/// <summary>How an IPA carries ESipa over HTTP (SGP.32 6.1). It uses one binding for everything.</summary>
public enum EsipaBinding
{
    /// <summary>The bare TLV, one path for all functions.</summary>
    Asn1,

    /// <summary>JSON, one path for each function.</summary>
    Json,
}

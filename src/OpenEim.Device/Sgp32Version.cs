namespace OpenEim.Device;

/// <summary>The version of SGP.32 that a card or an IPA speaks.</summary>
public enum Sgp32Version
{
    /// <summary>1.0: no transaction in errors, another signature rule, fewer commands.</summary>
    V10 = 10,

    /// <summary>1.2.</summary>
    V12 = 12,

    /// <summary>1.3, of May 2026.</summary>
    V13 = 13,
}

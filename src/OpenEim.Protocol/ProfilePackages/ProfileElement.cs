namespace OpenEim.Protocol.ProfilePackages;

/// <summary>The tags of the profile elements that are read or written here (SAIP ProfileElement).</summary>
internal static class ProfileElement
{
    public const uint Header = 0xA0;
    public const uint PinCodes = 0xA2;
    public const uint PukCodes = 0xA3;
    public const uint AkaParameter = 0xA4;
    public const uint SecurityDomain = 0xA6;
    public const uint End = 0xAA;
    public const uint Mf = 0xB0;
    public const uint Telecom = 0xB2;
    public const uint Usim = 0xB3;
    public const uint Iot = 0xBF20;
}

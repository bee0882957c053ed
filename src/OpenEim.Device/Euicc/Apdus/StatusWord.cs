namespace OpenEim.Device.Euicc.Apdus;

/// <summary>Status words (ISO/IEC 7816-4, ETSI TS 102 221 10.2.1).</summary>
internal static class StatusWord
{
    public const ushort Ok = 0x9000;

    /// <summary>The low byte tells how many bytes GET RESPONSE can fetch; 00 is 256 or more.</summary>
    public const ushort ResponseAvailable = 0x6100;

    /// <summary>The low byte tells the length that would fit.</summary>
    public const ushort WrongExpectedLength = 0x6C00;

    public const ushort WrongLength = 0x6700;
    public const ushort ChannelNotSupported = 0x6881;
    public const ushort SecureMessagingNotSupported = 0x6882;
    public const ushort ChainingNotSupported = 0x6884;
    public const ushort ConditionsNotSatisfied = 0x6985;
    public const ushort IncorrectData = 0x6A80;
    public const ushort FunctionNotSupported = 0x6A81;
    public const ushort NotFound = 0x6A82;
    public const ushort NotEnoughMemory = 0x6A84;
    public const ushort IncorrectParameters = 0x6A86;
    public const ushort ReferencedDataNotFound = 0x6A88;
    public const ushort InstructionNotSupported = 0x6D00;
    public const ushort ClassNotSupported = 0x6E00;

    /// <summary>A response of a status word alone.</summary>
    public static byte[] Alone(ushort status) => [(byte)(status >> 8), (byte)status];

    /// <summary>A response of data and a status word.</summary>
    public static byte[] After(ReadOnlySpan<byte> data, ushort status) => [.. data, (byte)(status >> 8), (byte)status];
}

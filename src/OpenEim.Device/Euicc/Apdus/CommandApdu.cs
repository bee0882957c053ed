namespace OpenEim.Device.Euicc.Apdus;

/// <summary>A command APDU in the short form (ISO/IEC 7816-3 12.1, cases 1 to 4).</summary>
/// <param name="Class">CLA as sent.</param>
/// <param name="Instruction">INS.</param>
/// <param name="P1">P1.</param>
/// <param name="P2">P2.</param>
/// <param name="Data">The command data; empty without Lc.</param>
/// <param name="ExpectedLength">Ne, 1 to 256; null without Le.</param>
internal readonly record struct CommandApdu(byte Class, byte Instruction, byte P1, byte P2, ReadOnlyMemory<byte> Data, int? ExpectedLength)
{
    private const int HeaderLength = 4;

    /// <summary>Whether the class is proprietary to GlobalPlatform and ETSI: 8x, Cx and Ex.</summary>
    public bool IsProprietary => (Class & 0x80) != 0;

    /// <summary>The logical channel, 0 to 19.</summary>
    public int Channel => (Class & 0x40) == 0 ? Class & 0x03 : 4 + (Class & 0x0F);

    /// <summary>Whether the class asks for secure messaging, which only an OTA session would have.</summary>
    public bool HasSecureMessaging => (Class & ((Class & 0x40) == 0 ? 0x0C : 0x20)) != 0;

    /// <summary>Whether the class asks for command chaining.</summary>
    public bool IsChained => (Class & 0x10) != 0;

    /// <summary>Whether the class is one of ISO/IEC 7816-4: 001xxxxx is reserved, FF is invalid.</summary>
    public bool HasValidClass => Class != 0xFF && (Class & 0x60) != 0x20;

    /// <summary>P1 and P2 together.</summary>
    public int Parameters => (P1 << 8) | P2;

    /// <summary>Takes a command apart.</summary>
    /// <returns>False when its lengths do not fit; extended lengths are not supported.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, out CommandApdu command)
    {
        command = default;
        var span = bytes.Span;
        if (span.Length < HeaderLength)
        {
            return false;
        }

        var header = new CommandApdu(span[0], span[1], span[2], span[3], default, null);
        switch (span.Length)
        {
            case HeaderLength:
                command = header;
                return true;
            case HeaderLength + 1:
                command = header with { ExpectedLength = Ne(span[HeaderLength]) };
                return true;
        }

        var length = span[HeaderLength];
        var rest = span.Length - HeaderLength - 1 - length;
        if (length == 0 || rest is not (0 or 1))
        {
            return false;
        }

        command = header with { Data = bytes.Slice(HeaderLength + 1, length), ExpectedLength = rest == 1 ? Ne(span[^1]) : null };
        return true;
    }

    private static int Ne(byte le) => le == 0 ? 256 : le;
}

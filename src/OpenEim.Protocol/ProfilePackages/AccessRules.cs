namespace OpenEim.Protocol.ProfilePackages;

/// <summary>
/// The content of EF.ARR in the built-in template: the record numbers are those that the file templates of SAIP, annex A,
/// refer to, so that files created without a word of ours get sensible rules too (ETSI TS 102 221 clause 9.2.7).
/// </summary>
internal static class AccessRules
{
    /// <summary>The length of a record in bytes.</summary>
    public const byte RecordLength = 0x21;

    private const byte Read = 0x01;
    private const byte Update = 0x02;

    /// <summary>Deactivate, activate and delete.</summary>
    private const byte Manage = 0x58;

    private const byte Pin1 = 0x01;
    private const byte Pin2 = 0x81;
    private const byte Adm1 = 0x0A;

    /// <summary>All records, each filled up with FF.</summary>
    public static byte[] Content { get; } = Records(
        [.. Always(Read), .. With(Update, Pin1), .. With(Manage, Adm1)],
        [.. With(Read, Pin1), .. With(Update | Manage, Adm1)],
        [.. With(Read | Update | Manage, Adm1)],
        [.. With(Read, Pin1), .. With(Manage, Adm1)],
        [.. With(Read | Update, Pin1), .. With(Manage, Adm1)],
        [.. With(Read, Pin1), .. With(Update | Manage, Adm1)],
        [.. With(Read | Update, Pin1), .. With(Manage, Adm1)],
        [.. With(Read, Pin1), .. With(Update, Pin2), .. With(Manage, Adm1)],
        [.. Always(Read), .. With(Update | Manage, Adm1)],
        [.. Always(Read), .. With(Update | Manage, Adm1)],
        [.. Always(Read), .. With(Manage, Adm1)],
        [.. With(Read | Update | Manage, Adm1)],
        [.. With(Read | Update | Manage, Adm1)],
        [.. With(0x5E, Adm1)]);

    private static byte[] Always(byte operations) => [0x80, 0x01, operations, 0x90, 0x00];

    private static byte[] With(int operations, byte key) =>
        [0x80, 0x01, (byte)operations, 0xA4, 0x06, 0x83, 0x01, key, 0x95, 0x01, 0x08];

    private static byte[] Records(params byte[][] rules)
    {
        var content = new byte[rules.Length * RecordLength];
        content.AsSpan().Fill(0xFF);
        for (var i = 0; i < rules.Length; i++)
        {
            rules[i].CopyTo(content, i * RecordLength);
        }

        return content;
    }
}

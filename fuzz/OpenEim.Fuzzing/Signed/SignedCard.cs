using System.Globalization;
using System.Text;
using OpenEim.Fuzzing.Mutation;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Fuzzing.Signed;

/// <summary>Signs whatever it is told to, as an eUICC whose certificates are in order: results, notifications, results of installations.</summary>
internal sealed class SignedCard(TestPki pki, Eid eid) : IDisposable
{
    private const string Iccid = "98940000000000000010";

    /// <summary>A list of one profile with every field that cards send.</summary>
    private const string Profiles =
        "BF2D78A076E3745A0A989400000000000000104F10A0000005591010FFFFFFFF89000011009F7001019004486F6D6591084F70657261746F7292044E" +
        "616D65930100940489504E47950102B610300E800204F0810864702E6C6F63616CB70C800362F21081020102820103990206409F2601009F6701FF9F24010A";

    private static readonly string[] Results =
    [
        "830100", "840101", "850102", "870100", "890100", "8A0100", "8C0100", "8D0100", "8E0100", "A803840101", "A803020102", "AB0AA0083006800165820101", "AB03810101",
        "BF6503800100", "A60C300A8002064081020102A200", "BF2D03810101", Profiles, "BF2D03A10102", "9F5503010203",
    ];

    private readonly RspIdentity _identity = pki.IssueEuicc(eid);
    private long _sequence;

    public Eid Eid => eid;

    public RspIdentity Identity => _identity;

    public ReadOnlyMemory<byte> EumCertificate => pki.Eum.Certificate.Encoded;

    /// <summary>A result of a package, with one odd leaf among what it tells.</summary>
    public (byte[] Message, long Sequence, string Odd) PackageResult(EuiccPackageSigned package, Random random)
    {
        var sequence = ++_sequence;
        var results = random.GetItems(Results, random.Next(1, 5)).SelectMany(Convert.FromHexString).ToArray();
        var list = Tlv(0x30, results);
        (list, var odd) = OddLeaf.Change(list, path => path != "/30", random);
        byte[] data = Tlv(0x30,
        [
            .. Tlv(0x80, Encoding.UTF8.GetBytes(package.EimId)), .. Integer(0x81, package.CounterValue), .. Tlv(0x82, package.TransactionId!.Value.ToBytes()),
            .. Integer(0x83, sequence), .. list,
        ]);
        var signature = _identity.Key.Sign(PackageSignature.Input(data, null));
        return (Tlv(0xBF51, Tlv(0xA0, [.. data, .. Tlv(0x5F37, signature)])), sequence, odd);
    }

    /// <summary>A refusal of a package, with an odd code.</summary>
    public (byte[] Message, string Odd) PackageError(EuiccPackageSigned package, Random random)
    {
        var (code, odd) = OddLeaf.Change([0x02, 0x01, 0x03], _ => true, random);
        byte[] data = Tlv(0x30,
            [.. Tlv(0x80, Encoding.UTF8.GetBytes(package.EimId)), .. Integer(0x81, package.CounterValue), .. Tlv(0x82, package.TransactionId!.Value.ToBytes()), .. code]);
        return (Tlv(0xBF51, Tlv(0xA1, [.. data, .. Tlv(0x5F37, _identity.Key.Sign(PackageSignature.Input(data, null)))])), odd);
    }

    /// <summary>A notification with one odd leaf; its number stays, since nothing could be acknowledged without it.</summary>
    public (byte[] Message, long Sequence, string Odd) Notification(Random random)
    {
        var sequence = ++_sequence;
        var (metadata, odd) = OddLeaf.Change(Metadata(sequence, [0x06, 0x40]), path => !path.EndsWith("/BF2F/80", StringComparison.Ordinal), random);
        byte[] content =
        [
            .. metadata, .. Tlv(0x5F37, _identity.Key.Sign(metadata)), .. _identity.Certificate.Encoded.Span, .. EumCertificate.Span,
        ];
        return (Tlv(0x30, content), sequence, odd);
    }

    /// <summary>A result of an installation with one odd leaf.</summary>
    /// <param name="transaction">The transaction id; any where nobody waits for it.</param>
    /// <param name="random">Chooses.</param>
    public (byte[] Message, long Sequence, string Odd) Installation(byte[] transaction, Random random)
    {
        var sequence = ++_sequence;
        byte[] aid = Convert.FromHexString("4F10A0000005591010FFFFFFFF8900001100");
        var final = random.Next(2) == 0
            ? Tlv(0xA2, Tlv(0xA0, [.. aid, .. Tlv(0x04, Convert.FromHexString("3007A0053003800100"))]))
            : Tlv(0xA2, Tlv(0xA1, Convert.FromHexString("800105810108")));
        byte[] data = Tlv(0xBF27, [.. Tlv(0x80, transaction), .. Metadata(sequence, [0x07, 0x80]), .. Convert.FromHexString("060388370A"), .. final]);
        (data, var odd) = OddLeaf.Change(data, path => !path.EndsWith("/BF2F/80", StringComparison.Ordinal) && path != "/BF27/80", random);
        return (Tlv(0xBF37, [.. data, .. Tlv(0x5F37, _identity.Key.Sign(data))]), sequence, odd);
    }

    /// <summary>Writes a TLV around any content.</summary>
    public static byte[] Tlv(uint tag, byte[] content)
    {
        byte[] bytes = tag > 0xFF ? [(byte)(tag >> 8), (byte)tag] : [(byte)tag];
        return [.. bytes, .. BerNode.LengthOf(content.Length), .. content];
    }

    /// <summary>Writes an INTEGER.</summary>
    public static byte[] Integer(uint tag, long value) => BerWriting.Encode(writer => writer.Integer(tag, value));

    /// <inheritdoc/>
    public void Dispose() => _identity.Dispose();

    private static byte[] Metadata(long sequence, byte[] events) => Tlv(0xBF2F,
    [
        .. Integer(0x80, sequence), .. Tlv(0x81, events), .. Tlv(0x0C, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"smdp{sequence % 7}.example.com"))),
        .. Tlv(0x5A, Convert.FromHexString(Iccid)),
    ]);
}

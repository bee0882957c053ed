using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using CsCheck;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using static OpenEim.Protocol.Tests.Sgp22.Tlv;

namespace OpenEim.Protocol.Tests.Sgp32;

/// <summary>
/// Reading in two halves, as a property: whatever bytes stand in any one leaf of a message's content, the message is read, what
/// is signed is kept byte for byte, and no other value reads differently.
/// </summary>
/// <remarks>OPENEIM_LEAF_CASES sets how many values each leaf gets (40 by default: about 7,000 messages).</remarks>
public sealed class LeafTests
{
    private static readonly int Cases =
        int.TryParse(Environment.GetEnvironmentVariable("OPENEIM_LEAF_CASES"), CultureInfo.InvariantCulture, out var cases) ? cases : 40;

    // Mostly short, as the fields are; sometimes beyond every limit; and bytes that begin TLVs or are no UTF-8.
    private static readonly Gen<byte[]> Value = Gen.Frequency(
        (4, Gen.Byte.Array[0, 4]),
        (3, Gen.Byte.Array[5, 40]),
        (2, Gen.OneOfConst<byte>(0x00, 0x30, 0x80, 0x84, 0xA0, 0xBF, 0xFF, 0x7F, 0x01).Array[0, 12]),
        (1, Gen.Byte.Array[250, 700]));

    private static readonly string[] Ignored = ["Encoded", "SignedData", "Received", "Unreadable", "IsComplete", "EqualityContract"];

    private const string Iccid = "5A0A981032547698103254F6";
    private static readonly string Event = T("BF2F", T("80", "05"), T("81", "0780"), T("0C", Text("smdp.example")), Iccid);
    private static readonly string Header = T("80", Text("eim.example")) + T("81", "07") + T("82", "AABB");

    private static readonly string Profile = T("E3", Iccid, T("4F", "A0000005591010FFFFFFFF8900001000"), T("9F70", "01"), T("90", Text("nick")),
        T("91", Text("provider")), T("92", Text("name")), T("93", "01"), T("94", "89504E47"), T("95", "02"),
        T("B6", T("30", T("80", "0780"), T("81", Text("a.example")))), T("B7", T("80", "62F210")), T("99", "0520"), T("9F26", "FF"), T("9F67", "FF"));

    private static readonly string Results = T("30", "830100", "840101", "850102", "870100", "890100", "8A0100", "8C0100", "8D0100", "8E0100",
        T("BF2D", T("A0", Profile, T("E3", "5A0A988604B7191207120034"))), T("BF2D", "81010B"), T("A6", T("30", T("80", "0560"))), "A803840105",
        T("AB", T("A0", T("30", T("80", Text("eim")), T("82", "02")))), "BF6503800100", "020101");

    private static readonly Sample[] Samples =
    [
        new("result", T("BF51", T("A0", T("30", Header, T("83", "05"), Results), T("5F37", Sgp22.Samples.Signature))),
            Read<EuiccPackageResult>, "BF51/A0/30", ["BF51/A0/5F37", "BF51/A0/30/80"]),
        new("refusal", T("BF51", T("A1", T("30", Header, T("02", "04")), T("5F37", Sgp22.Samples.Signature))),
            Read<EuiccPackageResult>, "BF51/A1/30", ["BF51/A1/5F37", "BF51/A1/30/80"]),
        new("unsigned refusal", T("BF51", T("A2", T("80", Text("eim")), T("82", "AA"), T("84", "05"), T("8F", "7F"))), Read<EuiccPackageResult>),
        new("installation", T("BF37", T("BF27", T("80", "0102"), Event, T("06", "883702"),
            T("A2", T("A0", T("4F", "A0000005591010FFFFFFFF8900001000"), T("04", "3007A0053003800100")))), T("5F37", Sgp22.Samples.Signature)),
            Read<PendingNotification>, "BF37/BF27", ["BF37/5F37"]),
        new("no installation", T("BF37", T("BF27", T("80", "0102"), Event, T("06", "883702"),
            T("A2", T("A1", T("80", "05"), T("81", "0A"), T("82", "30")))), T("5F37", Sgp22.Samples.Signature)),
            Read<PendingNotification>, "BF37/BF27", ["BF37/5F37"]),
        new("notification", T("30", Event, T("5F37", Sgp22.Samples.Signature), Sgp22.Samples.Certificate, Sgp22.Samples.OtherCertificate),
            Read<PendingNotification>, "30/BF2F", ["30/5F37", "30/30"]),
        new("EUICCInfo1", Sgp22.Samples.EuiccInfo1, Read<EuiccInfo1>),
        new("EUICCInfo2", T("BF22", T("81", "020301"), T("82", "020500"), T("83", "010000"), T("84", "810100820400040000"), T("85", "067F36C0"),
            T("86", "090200"), T("87", "020300"), T("88", "0398"), T("A9", T("04", Fill("11", 20))), T("AA", T("04", Fill("22", 20))), T("8B", "02"),
            T("99", "0640"), T("04", "000001"), T("0C", Text("OE")), T("90", "00"), T("B4", T("A0", T("04", "010200")), "8100", "8200")), Read<EuiccInfo2>),
        new("ctxParams1", Sgp22.Samples.CtxParams1, Read<CtxParams1>),
        new("euiccSigned1", Sgp22.Samples.EuiccSigned1, Read<EuiccSigned1>),
        new("euiccSigned2", T("30", T("80", "0102"), T("5F49", Sgp22.Samples.Point), T("04", Fill("CC", 32))), Read<EuiccSigned2>),
        new("cancel", T("30", T("80", "0102"), T("81", "883702"), T("82", "05")), Read<EuiccCancelSessionSigned>),
        new("metadata", T("BF25", Iccid, T("91", Text("provider")), T("92", Text("name")), T("93", "01"), T("94", "89504E47"), T("95", "00"),
            T("B6", T("30", T("80", "0780"), T("81", Text("a.example")))), T("B7", T("80", "62F210")), T("99", "0520"), T("9F67", "FF")),
            Read<StoreMetadataRequest>),
        new("data", T("BF52", T("A0", T("A0", T("30", Event, T("5F37", Sgp22.Samples.Signature), Sgp22.Samples.Certificate, Sgp22.Samples.OtherCertificate)),
            T("81", Text("smdp.example")), T("A2", T("BF51", T("A2", T("80", Text("eim"))))), Sgp22.Samples.EuiccInfo1, Sgp22.Samples.EuiccInfo2,
            T("83", Text("smds.example")), T("84", "05"), "A5" + Sgp22.Samples.Certificate[2..], "A6" + Sgp22.Samples.OtherCertificate[2..],
            T("87", "AABB"), T("A8", T("80", "0640"), T("81", "0780")), T("A9", T("80", "35290611")))), Read<IpaEuiccDataResponse>),
        new("no data", T("BF52", T("A1", T("80", "AABB"), T("02", "01"))), Read<IpaEuiccDataResponse>),
    ];

    // Where several leaves make one value, they are one leaf here.
    private static readonly string[] Wholes =
        ["B6", "B7", "A8", "BF52/A0/A0", "BF52/A0/A2", "BF52/A0/BF20", "BF52/A0/BF22", "BF52/A0/A5", "BF52/A0/A6", "BF52/A0/A9", "30/BF22", "30/A0", "30/A6"];

    public static TheoryData<string> Names() => [.. Samples.Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void One_odd_leaf_changes_its_own_value_alone(string name)
    {
        var sample = Samples.Single(candidate => candidate.Name == name);
        var tree = Node.Parse(Bytes(sample.Hex));
        var leaves = tree.Leaves().Where(leaf => !sample.Strict.Any(strict => IsUnder(leaf.Path, strict))).ToList();
        var before = Flatten(sample.Decode(tree.Encode()));
        var owners = new ConcurrentDictionary<string, string>();
        foreach (var leaf in leaves)
        {
            Value.Sample(value => Check(sample, tree, leaf, value, before, owners), iter: Cases);
        }

        // A NULL says what it says by being there.
        var silent = leaves.Select(OwnerOf).Except(owners.Values).Select(Node.Plain);
        Assert.DoesNotContain(silent, path => !path.StartsWith("BF22/B4/8", StringComparison.Ordinal));
    }

    private static void Check(
        Sample sample, Node tree, Node leaf, byte[] value, Dictionary<string, string> before, ConcurrentDictionary<string, string> owners)
    {
        var message = tree.Encode(leaf, value);
        var decoded = sample.Decode(message);
        if (sample.Signed is { } signed)
        {
            var slice = tree.Leaves(includeAll: true).First(node => node.PlainPath == signed).Encode(leaf, value);
            Assert.Equal(slice, ((ReadOnlyMemory<byte>)decoded.GetType().GetProperty("SignedData")!.GetValue(decoded)!).ToArray());
        }

        var after = Flatten(decoded);
        foreach (var key in before.Keys.Union(after.Keys).Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key)))
        {
            var owner = owners.GetOrAdd(key, OwnerOf(leaf));
            Assert.True(owner == OwnerOf(leaf), $"{key} changes with {owner} and with {OwnerOf(leaf)}, which held {Convert.ToHexString(value)}");
        }
    }

    private static bool IsUnder(string path, string plain) =>
        Node.Plain(path) == plain || Node.Plain(path).StartsWith(plain + "/", StringComparison.Ordinal);

    private static string OwnerOf(Node leaf)
    {
        var steps = leaf.Path.Split('/');
        for (var length = 1; length <= steps.Length; length++)
        {
            var path = string.Join('/', steps[..length]);
            var plain = Node.Plain(path);
            if (Wholes.Any(whole => plain == whole || plain.EndsWith("/" + whole, StringComparison.Ordinal)))
            {
                return path;
            }
        }

        return leaf.Path;
    }

    private static object Read<T>(byte[] message)
        where T : IBerMessage<T> => BerMessage.Decode<T>(message);

    /// <summary>Every value of a decoded message under a name that says where it stands.</summary>
    private static Dictionary<string, string> Flatten(object message)
    {
        var values = new Dictionary<string, string>();
        Add(values, "", message);
        return values;
    }

    private static void Add(Dictionary<string, string> values, string name, object? value)
    {
        switch (value)
        {
            case null:
                return;
            case ReadOnlyMemory<byte> bytes:
                values[name] = Convert.ToHexString(bytes.Span);
                return;
            case string or ValueType:
                values[name] = value.ToString()!;
                return;
            case IEnumerable list:
                foreach (var (item, index) in list.Cast<object>().Select((item, index) => (item, index)))
                {
                    Add(values, $"{name}[{index}]", item);
                }

                return;
        }

        values[name + ".$type"] = value.GetType().Name;
        foreach (var property in value.GetType().GetProperties().Where(property => !Ignored.Contains(property.Name)))
        {
            Add(values, $"{name}.{property.Name}", property.GetValue(value));
        }
    }

    /// <param name="Name">Which message.</param>
    /// <param name="Hex">The message.</param>
    /// <param name="Decode">Reads it.</param>
    /// <param name="Signed">Where the signed slice stands that the decoded message keeps.</param>
    /// <param name="StrictPaths">Parts of the envelope, which stay strict.</param>
    private sealed record Sample(string Name, string Hex, Func<byte[], object> Decode, string? Signed = null, string[]? StrictPaths = null)
    {
        public string[] Strict => StrictPaths ?? [];
    }

    /// <summary>A TLV of the message as it was, read and written without the code under test.</summary>
    private sealed class Node
    {
        private readonly string _tag;
        private readonly byte[] _value;
        private readonly List<Node> _children = [];

        private Node(string tag, byte[] value, string path)
        {
            (_tag, _value, Path) = (tag, value, path);
            for (var position = 0; (Convert.FromHexString(tag)[0] & 0x20) != 0 && position < value.Length;)
            {
                _children.Add(ParseAt(value, ref position, $"{path}/{{0}}[{_children.Count}]"));
            }
        }

        /// <summary>The tags down to here, each with its place.</summary>
        public string Path { get; }

        public string PlainPath => Plain(Path);

        public static string Plain(string path) => string.Join('/', path.Split('/').Select(step => step[..step.IndexOf('[', StringComparison.Ordinal)]));

        public static Node Parse(byte[] message)
        {
            var position = 0;
            return ParseAt(message, ref position, "{0}[0]");
        }

        public IEnumerable<Node> Leaves(bool includeAll = false) =>
            (includeAll || _children.Count == 0 ? [this] : Array.Empty<Node>()).Concat(_children.SelectMany(child => child.Leaves(includeAll)));

        /// <summary>The TLV, with another value in one leaf and every length around it as it must be then.</summary>
        public byte[] Encode(Node? replaced = null, byte[]? value = null)
        {
            var content = this == replaced ? value! : _children.Count == 0 ? _value : [.. _children.SelectMany(child => child.Encode(replaced, value))];
            return Bytes(T(_tag, Convert.ToHexString(content)));
        }

        private static Node ParseAt(byte[] data, ref int position, string path)
        {
            var start = position++;
            if ((data[start] & 0x1F) == 0x1F)
            {
                while ((data[position++] & 0x80) != 0)
                {
                }
            }

            var tag = Convert.ToHexString(data.AsSpan(start, position - start));
            int length = data[position++];
            if (length > 0x80)
            {
                var octets = length & 0x7F;
                for (length = 0; octets > 0; octets--)
                {
                    length = (length << 8) | data[position++];
                }
            }

            position += length;
            return new Node(tag, data[(position - length)..position], string.Format(CultureInfo.InvariantCulture, path, tag));
        }
    }
}

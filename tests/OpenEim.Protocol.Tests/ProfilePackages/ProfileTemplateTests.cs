using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.ProfilePackages;

namespace OpenEim.Protocol.Tests.ProfilePackages;

public sealed class ProfileTemplateTests
{
    private const string Key = "A1A2A3A4A5A6A7A8A9AAABACADAEAFA0";
    private const string Opc = "B1B2B3B4B5B6B7B8B9BABBBCBDBEBFB0";
    private const string Kic = "C1C2C3C4C5C6C7C8C9CACBCCCDCECFC0";
    private const string Kid = "D1D2D3D4D5D6D7D8D9DADBDCDDDEDFD0";

    [Fact]
    public void Personalising_changes_the_subscribers_bytes_and_no_others()
    {
        using var template = BuiltInTemplate.Create("A type");
        using var placeholders = Placeholders();
        using var subscriber = Everything();
        var expected = template.Personalise(placeholders);

        // Each value by what stands before it: tag and length of the value, and enough in front of them to be found once.
        Put(expected, Hex("A type"u8) + "830A", "8949000123456789012F");
        Put(expected, "A413A1058B032F060B830A", "989400103254769810F2");
        Put(expected, "A312A1058B036F06028309", "082926102143658789");
        Put(expected, "B20BA1058B036F06028302", "0100");
        Put(expected, "A12CA12A8001", "02");
        Put(expected, "A12CA12A8001028101018210", Key);
        Put(expected, "8210" + Key + "8310", Opc);
        Put(expected, "A11F300D8001018108", "3131313131313131");
        Put(expected, "A02B30138001018108", "31323334FFFFFFFF");
        Put(expected, "301480010A8108", "3837363534333231");
        Put(expected, "950118820101830101301730158001888610", Kic);
        Put(expected, "950114820102830101301730158001888610", Kid);

        Assert.Equal(Hex(expected), Hex(template.Personalise(subscriber)));
    }

    [Fact]
    public void What_was_personalised_reads_back()
    {
        using var template = BuiltInTemplate.Create();
        using var subscriber = Everything();
        using var personalised = ProfileTemplate.Parse(template.Personalise(subscriber));
        using var read = personalised.ReadSubscriber();

        Assert.Equal(subscriber.Iccid, read.Iccid);
        Assert.Equal(subscriber.Iccid, personalised.HeaderIccid);
        Assert.Equal("OpenEim IoT", personalised.ProfileType);
        Assert.Equal((2, 3), personalised.Version);
        Assert.Equal(subscriber.Imsi, read.Imsi);
        Assert.Equal(0x0100, read.AccessControlClasses);
        Assert.Equal(AkaAlgorithm.Tuak, read.Algorithm);
        Assert.Equal(Key, Hex(read.Key));
        Assert.Equal(Opc, Hex(read.Opc));
        Assert.Equal(subscriber.Pin1, read.Pin1);
        Assert.Equal(subscriber.Puk1, read.Puk1);
        Assert.Equal(subscriber.Adm1, read.Adm1);
        Assert.Equal(
            ["01/01 " + Kic, "01/02 " + Kid, "01/03 " + new string('0', 32)],
            read.OtaKeys.Select(key => $"{key.Version:X2}/{key.Identifier:X2} {Hex(key.Value)}"));
    }

    [Fact]
    public void What_is_not_given_stays_the_templates()
    {
        using var template = BuiltInTemplate.Create();
        using var placeholders = Placeholders();
        using var read = ProfileTemplate.Parse(template.Personalise(placeholders)).ReadSubscriber();

        Assert.Equal(PinCode.Parse("0000"), read.Pin1);
        Assert.Equal(PinCode.Parse("00000000"), read.Puk1);
        Assert.Equal(PinCode.Parse("00000000"), read.Adm1);
        Assert.Equal(0x0001, read.AccessControlClasses);
    }

    [Fact]
    public void The_access_control_classes_of_an_operator_go_before_those_of_the_IMSI()
    {
        using var template = BuiltInTemplate.Create();
        using var subscriber = new SubscriberData(
            Iccid.Parse("8949000123456789012"), Imsi.Parse("262011234567898"), AkaAlgorithm.Milenage, new byte[16], new byte[16])
        {
            AccessControlClasses = 0x8001,
        };
        using var read = ProfileTemplate.Parse(template.Personalise(subscriber)).ReadSubscriber();
        Assert.Equal(0x8001, read.AccessControlClasses);
    }

    [Fact]
    public void A_published_test_profile_is_read_and_personalised()
    {
        using var template = ProfileTemplate.Parse(PublishedTestProfile.Package());
        Assert.Equal("GSMA Generic eUICC Test Profile", template.ProfileType);
        using (var published = template.ReadSubscriber())
        {
            Assert.Equal("89000123456789012341", published.Iccid.ToString());
            Assert.Equal("001010123456789", published.Imsi.ToString());
            Assert.Equal(AkaAlgorithm.UsimTestAlgorithm, published.Algorithm);
            Assert.Equal("000102030405060708090A0B0C0D0E0F", Hex(published.Key));
            Assert.Equal(PinCode.Parse("0000"), published.Pin1);
            Assert.Equal(PinCode.Parse("11111111"), published.Puk1);
            Assert.Equal(PinCode.Parse("55555555"), published.Adm1);
            Assert.Equal(0x0001, published.AccessControlClasses);
        }

        Assert.Equal([(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)], template.OtaKeys.Select(key => ((int)key.Version, (int)key.Identifier)));
        using var subscriber = Everything();
        using var read = ProfileTemplate.Parse(template.Personalise(subscriber)).ReadSubscriber();
        Assert.Equal(subscriber.Iccid, read.Iccid);
        Assert.Equal(subscriber.Imsi, read.Imsi);
        Assert.Equal(Key, Hex(read.Key));
        Assert.Equal(Kid, Hex(read.OtaKeys[1].Value));
    }

    [Fact]
    public void A_profile_of_the_IoT_element_is_personalised_too()
    {
        // PE-IoT: EF.ICCID is A4, EF.IMSI A9 and EF.ACC B2 (SAIP 3.3).
        var files = "A0058000810101810667810F010211"
            + "A40C830A00000000000000000000" + "A90B8309080910100000000000" + "B20483020001";
        var element = Convert.FromHexString("BF20" + (files.Length / 2).ToString("X2", null) + files);
        var elements = Elements();
        List<byte[]> package = [elements[0], element, .. elements.Where(other => other[0] is 0xA4 or 0xAA)];
        using var template = ProfileTemplate.Parse(Joined(package));
        using var subscriber = new SubscriberData(
            Iccid.Parse("8949000123456789012"), Imsi.Parse("262011234567898"), AkaAlgorithm.Milenage, new byte[16], new byte[16]);
        var personalised = Hex(template.Personalise(subscriber));

        Assert.Contains("A90B8309" + Hex(subscriber.Imsi.ToBytes()), personalised, StringComparison.Ordinal);
        Assert.Contains("A40C830A" + Hex(subscriber.Iccid.ToBytes()), personalised, StringComparison.Ordinal);
        Assert.Contains("B20483020100", personalised, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("B0", "EF.ICCID in the master file")]
    [InlineData("B3", "EF.IMSI in a USIM")]
    [InlineData("A4", "authentication parameters")]
    [InlineData("AA", "no end element")]
    [InlineData("A0", "does not begin with its header")]
    public void A_template_without_a_place_that_everyone_needs_is_refused_by_its_name(string tag, string words)
    {
        var without = Elements().Where(element => !Hex(element).StartsWith(tag, StringComparison.Ordinal));
        var error = Assert.Throws<ProtocolException>(() => ProfileTemplate.Parse(Joined(without)));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A413A1058B032F060B830A", "A413A1058B032F060B840A", "the content of EF.ICCID is missing")]
    [InlineData("A312A1058B036F06028309", "A312A1058B036F06028409", "the content of EF.IMSI is missing")]
    [InlineData("A312A1058B036F06028309", "A312A1038B016F82008309", "the content of EF.IMSI is missing")]
    [InlineData("B20BA1058B036F060283020001", "B20BA1058B036F060283010080", "the content of EF.ACC has 1 bytes")]
    [InlineData("B20BA1058B036F06028302", "BA0BA1058B036F06028302", "no EF.ACC in a USIM")]
    public void A_file_whose_content_does_not_begin_in_one_piece_is_refused_by_its_name(string good, string bad, string words)
    {
        var hex = Hex(Joined(Elements()));
        Assert.Contains(good, hex, StringComparison.Ordinal);
        var package = Convert.FromHexString(hex.Replace(good, bad, StringComparison.Ordinal));

        var error = Assert.Throws<ProtocolException>(() => ProfileTemplate.Parse(package));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_headers_two_USIMs_and_bytes_behind_the_end_are_refused()
    {
        var elements = Elements();
        Assert.Throws<ProtocolException>(() => ProfileTemplate.Parse(Joined([elements[0], .. elements])));
        Assert.Throws<ProtocolException>(() => ProfileTemplate.Parse(Joined([.. elements, [0x00, 0x00]])));
        var twice = elements.SelectMany(element => element[0] == 0xB3 ? [element, element] : (byte[][])[element]);
        var error = Assert.Throws<ProtocolException>(() => ProfileTemplate.Parse(Joined(twice)));
        Assert.Contains("EF.IMSI twice", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_without_a_place_of_its_length_is_refused_by_its_name()
    {
        using var template = ProfileTemplate.Parse(Joined(Elements().Where(element => element[0] is not (0xA2 or 0xA3))));
        Refused(template, Subscriber(pin: "1234"), "no PIN 1");
        Refused(template, Subscriber(puk: "12345678"), "no PUK 1");
        Refused(template, Subscriber(adm: "12345678"), "no ADM 1");
        Refused(template, Subscriber(keyLength: 32), "K has 32 bytes");
        Refused(template, Subscriber(opcLength: 32), "OPc has 32 bytes");
        Refused(template, Subscriber(ota: new OtaKey(1, 1, new byte[24])), "01/01 has 24 bytes");
        Refused(template, Subscriber(ota: new OtaKey(0x40, 1, new byte[16])), "no key 40/01");
    }

    [Fact]
    public void An_ICCID_that_differs_between_its_two_places_is_not_read()
    {
        using var template = BuiltInTemplate.Create();
        using var subscriber = Everything();
        var package = template.Personalise(subscriber);
        Put(package, "A413A1058B032F060B830A", "98");
        Put(package, "A413A1058B032F060B830A98", "95");
        using var broken = ProfileTemplate.Parse(package);
        Assert.Throws<ProtocolException>(broken.ReadSubscriber);
    }

    [Fact]
    public void Garbage_and_every_truncation_end_in_a_ProtocolException()
    {
        var package = Joined(Elements());
        for (var length = 0; length < package.Length; length++)
        {
            Assert.Throws<ProtocolException>(() => ProfileTemplate.Parse(package.AsSpan(0, length)));
        }

        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var damaged = package.ToArray();
            for (var n = 0; n <= i % 4; n++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                using var template = ProfileTemplate.Parse(damaged);
                template.ReadSubscriber().Dispose();
            }
            catch (ProtocolException)
            {
                // What a damaged package must end in, if it is noticed at all; anything else fails the test.
            }
        }

        Assert.Throws<ProtocolException>(() => ProfileTemplate.Parse(new byte[ProfileTemplate.MaxLength + 1]));
    }

    [Fact]
    public void A_disposed_subscriber_holds_no_keys()
    {
        var subscriber = Everything();
        subscriber.Dispose();
        Assert.Equal(new string('0', 32), Hex(subscriber.Key));
        Assert.Equal(new string('0', 32), Hex(subscriber.Opc));
        Assert.Equal(new string('0', 32), Hex(subscriber.OtaKeys[0].Value));
    }

    private static void Refused(ProfileTemplate template, SubscriberData subscriber, string words)
    {
        using (subscriber)
        {
            var error = Assert.Throws<ProtocolException>(() => template.Personalise(subscriber));
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    private static SubscriberData Everything() => new(
        Iccid.Parse("8949000123456789012"), Imsi.Parse("262011234567898"), AkaAlgorithm.Tuak, Convert.FromHexString(Key), Convert.FromHexString(Opc))
    {
        Pin1 = PinCode.Parse("1234"),
        Puk1 = PinCode.Parse("11111111"),
        Adm1 = PinCode.Parse("87654321"),
        OtaKeys = [new OtaKey(1, 1, Convert.FromHexString(Kic)), new OtaKey(1, 2, Convert.FromHexString(Kid))],
    };

    private static SubscriberData Placeholders() => Subscriber();

    private static SubscriberData Subscriber(
        string? pin = null, string? puk = null, string? adm = null, int keyLength = 16, int opcLength = 16, OtaKey? ota = null) => new(
        Iccid.Parse("00000000000000000000"), Imsi.Parse("001010000000000"), AkaAlgorithm.Milenage, new byte[keyLength], new byte[opcLength])
        {
            Pin1 = pin is null ? null : PinCode.Parse(pin),
            Puk1 = puk is null ? null : PinCode.Parse(puk),
            Adm1 = adm is null ? null : PinCode.Parse(adm),
            OtaKeys = ota is null ? [] : [ota],
        };

    /// <summary>The built-in template's elements, in order.</summary>
    private static List<byte[]> Elements()
    {
        using var template = BuiltInTemplate.Create();
        using var placeholders = Placeholders();
        var reader = new BerReader(template.Personalise(placeholders));
        var elements = new List<byte[]>();
        while (reader.HasData)
        {
            elements.Add(reader.ReadEncoded(out _).ToArray());
        }

        return elements;
    }

    private static byte[] Joined(IEnumerable<byte[]> elements) => [.. elements.SelectMany(element => element)];

    private static void Put(byte[] package, string before, string value)
    {
        var pattern = Convert.FromHexString(before);
        var found = package.AsSpan().IndexOf(pattern);
        Assert.True(found >= 0, $"{before} is not there");
        Assert.Equal(-1, package.AsSpan(found + 1).IndexOf(pattern));
        Convert.FromHexString(value).CopyTo(package, found + pattern.Length);
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes);
}

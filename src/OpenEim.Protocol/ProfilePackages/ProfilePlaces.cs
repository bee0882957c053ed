using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.ProfilePackages;

/// <summary>Where the subscriber's values stand in a profile package. Some stand in several places.</summary>
internal sealed class ProfilePlaces
{
    private const int MaxElements = 512;
    private const int MaxPin = 26;
    private const uint FileContent = 0x83;

    private readonly List<OtaKeyPlace> _otaKeys = [];

    /// <summary>The digits in reading order, in the header.</summary>
    public Place HeaderIccid { get; private set; }

    /// <summary>The profile's type in the header.</summary>
    public string? ProfileType { get; private set; }

    /// <summary>The version of SAIP in the header.</summary>
    public (int Major, int Minor) Version { get; private set; }

    /// <summary>The content of EF.ICCID.</summary>
    public Place? FileIccid { get; private set; }

    /// <summary>The content of EF.IMSI.</summary>
    public Place? Imsi { get; private set; }

    /// <summary>The content of EF.ACC.</summary>
    public Place? AccessControlClasses { get; private set; }

    /// <summary>The parameters of authentication: an ISIM may carry them again.</summary>
    public List<AkaPlace> Aka { get; } = [];

    /// <summary>The values of key reference 01.</summary>
    public List<Place> Pin1 { get; } = [];

    /// <summary>The values of the PUK with reference 01.</summary>
    public List<Place> Puk1 { get; } = [];

    /// <summary>The values of key reference 0A.</summary>
    public List<Place> Adm1 { get; } = [];

    /// <summary>The keys of the first security domain, which is the operator's.</summary>
    public IReadOnlyList<OtaKeyPlace> OtaKeys => _otaKeys;

    public readonly record struct AkaPlace(Place Algorithm, Place Key, Place Opc);

    public readonly record struct OtaKeyPlace(byte Version, byte Identifier, Place Value);

    /// <summary>Finds the places.</summary>
    /// <param name="package">The whole package; the places count from its first byte.</param>
    /// <exception cref="ProtocolException">It is not a concatenation of profile elements, or a place is missing that every subscriber needs.</exception>
    public static ProfilePlaces Find(byte[] package)
    {
        var places = new ProfilePlaces();
        var reader = new BerReader(package);
        if (!reader.NextIs(ProfileElement.Header))
        {
            throw new ProtocolException("a profile package does not begin with its header");
        }

        places.ReadHeader(reader.ReadConstructed(ProfileElement.Header));
        uint tag;
        var count = 0;
        do
        {
            if (!reader.HasData)
            {
                throw new ProtocolException("a profile package has no end element");
            }

            if (++count > MaxElements)
            {
                throw new ProtocolException($"a profile package has more than {MaxElements} elements");
            }

            tag = reader.PeekTag();
            places.ReadElement(tag, reader.ReadConstructed(tag));
        }
        while (tag != ProfileElement.End);

        reader.ThrowIfNotEmpty();
        places.ThrowIfIncomplete();
        return places;
    }

    private void ReadElement(uint tag, BerReader element)
    {
        switch (tag)
        {
            case ProfileElement.Header:
                throw new ProtocolException("a profile package has a second header");
            case ProfileElement.Mf:
                ReadFiles(element, iccid: 0xA4, imsi: 0, acc: 0);
                break;
            case ProfileElement.Usim:
                ReadFiles(element, iccid: 0, imsi: 0xA3, acc: 0xB2);
                break;
            case ProfileElement.Iot:
                ReadFiles(element, iccid: 0xA4, imsi: 0xA9, acc: 0xB2);
                break;
            case ProfileElement.PinCodes:
                ReadPins(element);
                break;
            case ProfileElement.PukCodes:
                ReadPuks(element);
                break;
            case ProfileElement.AkaParameter:
                ReadAka(element);
                break;
            case ProfileElement.SecurityDomain:
                ReadSecurityDomain(element);
                break;
            default:
                // An element that holds nothing of the subscriber's: carried along as it is.
                element.SkipUnknown();
                break;
        }
    }

    private void ReadHeader(BerReader header)
    {
        Version = (header.ReadInt32(0x80), header.ReadInt32(0x81));
        if (header.NextIs(0x82))
        {
            ProfileType = header.ReadUtf8(0x82, 1, 100);
        }

        HeaderIccid = Place.Of(header.ReadValue(0x83, Iccid.ByteLength, Iccid.ByteLength));
        header.SkipUnknown();
    }

    /// <summary>Reads an element that creates files by a template: each file under a tag of its own.</summary>
    private void ReadFiles(BerReader element, uint iccid, uint imsi, uint acc)
    {
        while (element.HasData)
        {
            var tag = element.PeekTag();
            if (tag == iccid)
            {
                FileIccid = Single(FileIccid, element.ReadConstructed(tag), Iccid.ByteLength, "EF.ICCID");
            }
            else if (tag == imsi)
            {
                Imsi = Single(Imsi, element.ReadConstructed(tag), ProfilePackages.Imsi.ByteLength, "EF.IMSI");
            }
            else if (tag == acc)
            {
                AccessControlClasses = Single(AccessControlClasses, element.ReadConstructed(tag), sizeof(ushort), "EF.ACC");
            }
            else
            {
                element.ReadEncoded(out _);
            }
        }
    }

    /// <summary>The place of a file's content, which must be given from its first byte on in one piece (SAIP File).</summary>
    private static Place Single(Place? earlier, BerReader file, int length, string name)
    {
        if (earlier is not null)
        {
            throw new ProtocolException($"a profile package has {name} twice: profiles with several subscribers are not personalised");
        }

        var atStart = true;
        while (file.HasData)
        {
            if (file.NextIs(FileContent) && atStart)
            {
                var content = file.ReadValue(FileContent);
                return content.Length >= length
                    ? Place.Of(content[..length])
                    : throw new ProtocolException($"the content of {name} has {content.Length} bytes in its first piece instead of {length}");
            }

            file.ReadEncoded(out var tag);
            atStart = tag is 0xA1;
        }

        throw new ProtocolException($"the content of {name} is missing from a profile package");
    }

    private void ReadPins(BerReader element)
    {
        element.ReadConstructed(0xA0).SkipUnknown();
        var codes = element.ReadConstructed(0xA1);
        if (codes.TryReadConstructed(0xA0, out var configurations))
        {
            ReadCodes(configurations, "PINs", (reference, place) => (reference switch { 1 => Pin1, 10 => Adm1, _ => null })?.Add(place));
        }
    }

    private void ReadPuks(BerReader element)
    {
        element.ReadConstructed(0xA0).SkipUnknown();
        ReadCodes(element.ReadConstructed(0xA1), "PUKs", (reference, place) => (reference == 1 ? Puk1 : null)?.Add(place));
    }

    private static void ReadCodes(BerReader codes, string name, Action<long, Place> found)
    {
        for (var count = 0; codes.HasData; count++)
        {
            if (count == MaxPin)
            {
                throw new ProtocolException($"a profile element has more than {MaxPin} {name}");
            }

            var code = codes.ReadConstructed(0x30);
            var reference = code.ReadInteger(0x80);
            found(reference, Place.Of(code.ReadValue(0x81, PinCode.ByteLength, PinCode.ByteLength)));
            code.SkipUnknown();
        }
    }

    private void ReadAka(BerReader element)
    {
        element.ReadConstructed(0xA0).SkipUnknown();
        var configuration = element.ReadConstructed(0xA1);
        if (configuration.TryReadConstructed(0xA1, out var algorithm))
        {
            var id = Place.Of(algorithm.ReadValue(0x80, 1, 1));
            algorithm.ReadValue(0x81, 1, 1);
            Aka.Add(new AkaPlace(id, Place.Of(algorithm.ReadValue(0x82)), Place.Of(algorithm.ReadValue(0x83))));
            algorithm.SkipUnknown();
        }
        else
        {
            // mappingParameter: this application authenticates with the parameters of another.
            configuration.SkipUnknown();
        }

        element.SkipUnknown();
    }

    private void ReadSecurityDomain(BerReader element)
    {
        element.ReadConstructed(0xA0).SkipUnknown();
        element.ReadConstructed(0xA1).SkipUnknown();
        if (_otaKeys.Count > 0 || !element.TryReadConstructed(0xA2, out var keys))
        {
            element.SkipUnknown();
            return;
        }

        while (keys.HasData)
        {
            ReadKey(keys.ReadConstructed(0x30));
        }

        element.SkipUnknown();
    }

    private void ReadKey(BerReader key)
    {
        key.ReadValue(0x95, 1, 2);
        key.OptionalValue(0x96, 1, 1);
        var identifier = key.ReadValue(0x82, 1, 1).Span[0];
        var version = key.ReadValue(0x83, 1, 1).Span[0];
        key.OptionalValue(0x85, 0, 8);
        var components = key.ReadConstructed(0x30);
        var first = components.ReadConstructed(0x30);
        first.ReadValue(0x80, 1, 2);
        var value = Place.Of(first.ReadValue(0x86));
        first.SkipUnknown();
        if (!components.HasData)
        {
            // A key of several components is an asymmetric one, which is no subscriber's secret.
            _otaKeys.Add(new OtaKeyPlace(version, identifier, value));
        }

        components.SkipUnknown();
    }

    private void ThrowIfIncomplete()
    {
        var missing = FileIccid is null ? "EF.ICCID in the master file"
            : Imsi is null ? "EF.IMSI in a USIM"
            : AccessControlClasses is null ? "EF.ACC in a USIM"
            : Aka.Count == 0 ? "authentication parameters with a key of their own"
            : null;
        if (missing is not null)
        {
            throw new ProtocolException($"a profile package has no {missing}");
        }
    }
}

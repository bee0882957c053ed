using System.Buffers.Binary;
using System.Security.Cryptography;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.ProfilePackages;

/// <summary>A profile package (SAIP) whose subscriber can be changed and read. Safe to use from many threads; disposing wipes it.</summary>
/// <remarks>
/// It is parsed once; personalising copies the bytes and overwrites the subscriber's values where they stand, so that all
/// else stays as the operator wrote it. Any personalised package is a template again.
/// </remarks>
public sealed class ProfileTemplate : IDisposable
{
    /// <summary>The greatest package that is accepted, in bytes.</summary>
    public const int MaxLength = 1 << 20;

    private readonly byte[] _package;
    private readonly ProfilePlaces _places;

    private ProfileTemplate(byte[] package, ProfilePlaces places)
    {
        _package = package;
        _places = places;
    }

    /// <summary>The length of the package, which personalising does not change, in bytes.</summary>
    public int Length => _package.Length;

    /// <summary>The profile type of the header; null when it names none.</summary>
    public string? ProfileType => _places.ProfileType;

    /// <summary>The version of SAIP that the header claims.</summary>
    public (int Major, int Minor) Version => _places.Version;

    /// <summary>The ICCID of the header; null when there is a placeholder that is none.</summary>
    public Iccid? HeaderIccid
    {
        get
        {
            try
            {
                return ReadHeaderIccid();
            }
            catch (ProtocolException)
            {
                // A template may hold anything where the ICCID will be.
                return null;
            }
        }
    }

    /// <summary>The key version and identifier of each key for management over the air that can be personalised.</summary>
    public IEnumerable<(byte Version, byte Identifier)> OtaKeys => _places.OtaKeys.Select(key => (key.Version, key.Identifier));

    /// <summary>Reads a package: profile elements in DER, one behind the other. The bytes are copied.</summary>
    /// <exception cref="ProtocolException">
    /// It is too long or malformed, it has a place twice that must be single, or a place is missing; the message says which.
    /// </exception>
    public static ProfileTemplate Parse(ReadOnlySpan<byte> package)
    {
        if (package.Length > MaxLength)
        {
            throw new ProtocolException($"a profile package has {package.Length} bytes, more than {MaxLength}");
        }

        var copy = package.ToArray();
        return new ProfileTemplate(copy, ProfilePlaces.Find(copy));
    }

    /// <summary>Makes a subscriber's package.</summary>
    /// <returns>A package of the same length; the caller protects and wipes it, as it holds the keys.</returns>
    /// <exception cref="ProtocolException">The template has no place for a value, or one of another length; the message says which.</exception>
    public byte[] Personalise(SubscriberData subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        ThrowIfNotFitting(subscriber);
        byte[] package = [.. _package];
        var iccid = subscriber.Iccid.ToBytes();
        iccid.CopyTo(_places.FileIccid!.Value.In(package));
        SwapNibbles(iccid);
        iccid.CopyTo(_places.HeaderIccid.In(package));
        subscriber.Imsi.ToBytes().CopyTo(_places.Imsi!.Value.In(package));
        BinaryPrimitives.WriteUInt16BigEndian(_places.AccessControlClasses!.Value.In(package), subscriber.AccessControlClasses);
        foreach (var aka in _places.Aka)
        {
            aka.Algorithm.In(package)[0] = (byte)subscriber.Algorithm;
            subscriber.Key.CopyTo(aka.Key.In(package));
            subscriber.Opc.CopyTo(aka.Opc.In(package));
        }

        Write(package, subscriber.Pin1, _places.Pin1);
        Write(package, subscriber.Puk1, _places.Puk1);
        Write(package, subscriber.Adm1, _places.Adm1);
        foreach (var key in subscriber.OtaKeys)
        {
            key.Value.CopyTo(Find(key).In(package));
        }

        return package;
    }

    /// <summary>Reads the subscriber's values. The caller disposes them.</summary>
    /// <exception cref="ProtocolException">A value is malformed, or stands in two places that do not agree.</exception>
    public SubscriberData ReadSubscriber()
    {
        var iccid = ReadHeaderIccid();
        if (iccid != Iccid.FromBytes(_places.FileIccid!.Value.In(_package)))
        {
            throw new ProtocolException("the ICCID of a profile package's header is not that of its EF.ICCID");
        }

        var aka = _places.Aka[0];
        if (_places.Aka.Any(other => !Same(other.Key, aka.Key) || !Same(other.Opc, aka.Opc) || !Same(other.Algorithm, aka.Algorithm)))
        {
            throw new ProtocolException("the applications of a profile package authenticate with different parameters");
        }

        var algorithm = (AkaAlgorithm)aka.Algorithm.In(_package)[0];
        if (!Enum.IsDefined(algorithm))
        {
            throw new ProtocolException($"a profile package names the unknown authentication algorithm {(int)algorithm}");
        }

        return new SubscriberData(
            iccid, Imsi.FromBytes(_places.Imsi!.Value.In(_package)), algorithm, aka.Key.In(_package), aka.Opc.In(_package))
        {
            AccessControlClasses = BinaryPrimitives.ReadUInt16BigEndian(_places.AccessControlClasses!.Value.In(_package)),
            Pin1 = ReadCode(_places.Pin1),
            Puk1 = ReadCode(_places.Puk1),
            Adm1 = ReadCode(_places.Adm1),
            OtaKeys = [.. _places.OtaKeys.Select(key => new OtaKey(key.Version, key.Identifier, key.Value.In(_package)))],
        };
    }

    /// <summary>Wipes the package.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_package);

    private void ThrowIfNotFitting(SubscriberData subscriber)
    {
        foreach (var aka in _places.Aka)
        {
            ThrowIfOtherLength("K", subscriber.Key.Length, aka.Key.Length);
            ThrowIfOtherLength("OPc", subscriber.Opc.Length, aka.Opc.Length);
        }

        ThrowIfMissing("PIN 1", subscriber.Pin1, _places.Pin1);
        ThrowIfMissing("PUK 1", subscriber.Puk1, _places.Puk1);
        ThrowIfMissing("ADM 1", subscriber.Adm1, _places.Adm1);
        foreach (var key in subscriber.OtaKeys)
        {
            ThrowIfOtherLength($"the key {key.Version:X2}/{key.Identifier:X2}", key.Value.Length, Find(key).Length);
        }
    }

    private static void ThrowIfOtherLength(string name, int length, int placeLength)
    {
        if (length != placeLength)
        {
            throw new ProtocolException($"{name} has {length} bytes, and the profile template has {placeLength} for it");
        }
    }

    private static void ThrowIfMissing(string name, PinCode? value, List<Place> places)
    {
        if (value is not null && places.Count == 0)
        {
            throw new ProtocolException($"the profile template has no {name}");
        }
    }

    private static void Write(byte[] package, PinCode? value, List<Place> places)
    {
        foreach (var place in value is null ? [] : places)
        {
            value!.Value.ToBytes().CopyTo(place.In(package));
        }
    }

    private Place Find(OtaKey key)
    {
        foreach (var place in _places.OtaKeys)
        {
            if (place.Version == key.Version && place.Identifier == key.Identifier)
            {
                return place.Value;
            }
        }

        throw new ProtocolException($"the profile template has no key {key.Version:X2}/{key.Identifier:X2} in its first security domain");
    }

    private PinCode? ReadCode(List<Place> places) => places.Count == 0 ? null : PinCode.FromBytes(places[0].In(_package));

    private Iccid ReadHeaderIccid()
    {
        var bytes = _places.HeaderIccid.In(_package).ToArray();
        SwapNibbles(bytes);
        return Iccid.FromBytes(bytes);
    }

    private bool Same(Place left, Place right) => left.In(_package).SequenceEqual(right.In(_package));

    private static void SwapNibbles(Span<byte> bytes)
    {
        foreach (ref var octet in bytes)
        {
            octet = (byte)((octet << 4) | (octet >> 4));
        }
    }
}

using System.Security.Cryptography;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.ProfilePackages;

/// <summary>What makes a profile one subscriber's. Disposing wipes the keys.</summary>
public sealed class SubscriberData : IDisposable
{
    private readonly byte[] _key;
    private readonly byte[] _opc;

    /// <summary>Copies the keys.</summary>
    /// <param name="iccid">The profile's identifier.</param>
    /// <param name="imsi">The subscriber's identity.</param>
    /// <param name="algorithm">The authentication algorithm.</param>
    /// <param name="key">K, also called Ki: 16 bytes, and for TUAK 16 or 32.</param>
    /// <param name="opc">OPc, 16 bytes; for TUAK TOPc, 32 bytes.</param>
    public SubscriberData(Iccid iccid, Imsi imsi, AkaAlgorithm algorithm, ReadOnlySpan<byte> key, ReadOnlySpan<byte> opc)
    {
        Iccid = iccid;
        Imsi = imsi;
        Algorithm = algorithm;
        AccessControlClasses = imsi.AccessControlClasses;
        _key = key.ToArray();
        _opc = opc.ToArray();
    }

    /// <summary>The profile's identifier.</summary>
    public Iccid Iccid { get; }

    /// <summary>The subscriber's identity.</summary>
    public Imsi Imsi { get; }

    /// <summary>The authentication algorithm.</summary>
    public AkaAlgorithm Algorithm { get; }

    /// <summary>The content of EF.ACC: bit n is class n. By default the class that follows from the IMSI.</summary>
    public ushort AccessControlClasses { get; init; }

    /// <summary>K.</summary>
    public ReadOnlySpan<byte> Key => _key;

    /// <summary>OPc or TOPc.</summary>
    public ReadOnlySpan<byte> Opc => _opc;

    /// <summary>The global PIN of application 1 (key reference 01); null to leave the template's.</summary>
    public PinCode? Pin1 { get; init; }

    /// <summary>The PUK of application 1 (key reference 01); null to leave the template's.</summary>
    public PinCode? Puk1 { get; init; }

    /// <summary>Administrative key 1 (key reference 0A); null to leave the template's.</summary>
    public PinCode? Adm1 { get; init; }

    /// <summary>Keys for management over the air, owned by this object from now on; those that are not named stay the template's.</summary>
    public IReadOnlyList<OtaKey> OtaKeys { get; init; } = [];

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(_opc);
        foreach (var key in OtaKeys)
        {
            key.Dispose();
        }
    }
}

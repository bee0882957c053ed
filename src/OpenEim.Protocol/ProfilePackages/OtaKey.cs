using System.Security.Cryptography;

namespace OpenEim.Protocol.ProfilePackages;

/// <summary>A key of a security domain for management over the air (SAIP KeyObject). Disposing wipes it.</summary>
public sealed class OtaKey : IDisposable
{
    private readonly byte[] _value;

    /// <summary>Copies a key.</summary>
    /// <param name="version">The key version number: 01 to 0F for SCP80, 30 to 3F for SCP03, 40 to 4F for SCP81.</param>
    /// <param name="identifier">The key identifier: for SCP80 1 is KIC, 2 is KID and 3 is KIK.</param>
    /// <param name="value">The key.</param>
    public OtaKey(byte version, byte identifier, ReadOnlySpan<byte> value)
    {
        Version = version;
        Identifier = identifier;
        _value = value.ToArray();
    }

    /// <summary>The key version number.</summary>
    public byte Version { get; }

    /// <summary>The key identifier.</summary>
    public byte Identifier { get; }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Value => _value;

    /// <summary>Wipes the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_value);
}

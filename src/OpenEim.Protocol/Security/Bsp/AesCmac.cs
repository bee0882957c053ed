using System.Security.Cryptography;

namespace OpenEim.Protocol.Security.Bsp;

/// <summary>AES-CMAC with a key of 128 bits (NIST SP 800-38B, RFC 4493). Not for concurrent use; disposing wipes the key.</summary>
public sealed class AesCmac : IDisposable
{
    /// <summary>The length of a block and of the whole MAC.</summary>
    public const int BlockLength = 16;

    private const int OnStack = 1088;

    private readonly Aes _aes = Aes.Create();
    private readonly byte[] _lastWhole = new byte[BlockLength];
    private readonly byte[] _lastPadded = new byte[BlockLength];

    /// <summary>Copies a key of 16 bytes.</summary>
    public AesCmac(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, BlockLength);
        _aes.SetKey(key);
        _aes.EncryptEcb(_lastWhole, _lastWhole, PaddingMode.None);
        Double(_lastWhole);
        _lastWhole.CopyTo(_lastPadded, 0);
        Double(_lastPadded);
    }

    /// <summary>Computes the MAC of <paramref name="message"/> into the 16 bytes of <paramref name="mac"/>.</summary>
    public void Compute(ReadOnlySpan<byte> message, Span<byte> mac) => Compute([], message, mac);

    /// <summary>Computes the MAC of two parts, one behind the other, into the 16 bytes of <paramref name="mac"/>, which may overlap them.</summary>
    public void Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> mac)
    {
        var length = first.Length + second.Length;
        var blocks = Math.Max(1, (length + BlockLength - 1) / BlockLength);
        var size = blocks * BlockLength;
        var work = size <= OnStack ? stackalloc byte[OnStack] : new byte[size];
        work = work[..size];
        try
        {
            first.CopyTo(work);
            second.CopyTo(work[first.Length..]);
            work[length..].Clear();
            if (length < size)
            {
                work[length] = 0x80;
            }

            var last = work[^BlockLength..];
            var mask = length == size ? _lastWhole : _lastPadded;
            for (var i = 0; i < BlockLength; i++)
            {
                last[i] ^= mask[i];
            }

            ReadOnlySpan<byte> zero = stackalloc byte[BlockLength];
            _aes.EncryptCbc(work, zero, work, PaddingMode.None);
            last.CopyTo(mac);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(work);
        }
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose()
    {
        _aes.Dispose();
        CryptographicOperations.ZeroMemory(_lastWhole);
        CryptographicOperations.ZeroMemory(_lastPadded);
    }

    /// <summary>Doubles in the field of 2^128 elements, without a branch on the secret.</summary>
    private static void Double(Span<byte> block)
    {
        var carry = 0;
        for (var i = BlockLength - 1; i >= 0; i--)
        {
            var doubled = (block[i] << 1) | carry;
            block[i] = (byte)doubled;
            carry = doubled >> 8;
        }

        block[^1] ^= (byte)(0x87 & -carry);
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Security.Bsp;

/// <summary>One direction of BSP, the protection of bound profile packages (SGP.22 clause 2.6.4, annex G): AES-128-CBC, then CMAC in one chain.</summary>
/// <remarks>
/// Every segment takes one count of the block counter, one without encryption too. Not for concurrent use; a session either
/// protects or unprotects. Disposing wipes the keys.
/// </remarks>
public sealed class BspSession : IDisposable
{
    /// <summary>The greatest plaintext of one encrypted segment, in bytes: with padding, MAC and header it fills <see cref="MaxSegment"/>.</summary>
    public const int MaxPlaintext = 1007;

    /// <summary>The greatest plaintext of one segment that is only MACed, in bytes.</summary>
    public const int MaxClearText = 1008;

    /// <summary>The greatest segment that we make, header and MAC included, in bytes.</summary>
    public const int MaxSegment = 1020;

    /// <summary>The greatest segment that we accept: SM-DP+s in use count the header and MAC out.</summary>
    public const int MaxReceivedSegment = 1036;

    /// <summary>How much of a CMAC a segment carries.</summary>
    public const int MacLength = 8;

    private const int Block = AesCmac.BlockLength;

    private readonly Aes _aes = Aes.Create();
    private readonly AesCmac _cmac;
    private readonly byte[] _chaining;
    private uint _counter;
    private BspError _failure;
    private bool _disposed;

    /// <summary>Starts from keys, which are copied.</summary>
    public BspSession(BspKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _aes.SetKey(keys.Encryption);
        _cmac = new AesCmac(keys.Mac);
        _chaining = keys.InitialChainingValue.ToArray();
    }

    /// <summary>Derives the keys and starts; see <see cref="BspKeys.Derive"/>.</summary>
    /// <exception cref="ProtocolException">The host id is too long.</exception>
    public static BspSession Derive(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> hostId, Eid eid)
    {
        using var keys = BspKeys.Derive(sharedSecret, hostId, eid);
        return new BspSession(keys);
    }

    /// <summary>The greatest plaintext of one segment of a kind, in bytes.</summary>
    public static int MaxPlaintextOf(BspTag tag) => tag == BspTag.Metadata ? MaxClearText : MaxPlaintext;

    /// <summary>The length of the whole segment that <see cref="Protect(BspTag, ReadOnlySpan{byte}, Span{byte})"/> makes, in bytes.</summary>
    public static int SegmentLength(BspTag tag, int plaintextLength)
    {
        var content = ContentLength(tag, plaintextLength);
        return 1 + BerLength.SizeOf(content) + content;
    }

    /// <summary>Protects the next segment.</summary>
    /// <returns>The whole segment with its tag, length and MAC.</returns>
    public byte[] Protect(BspTag tag, ReadOnlySpan<byte> plaintext)
    {
        CheckPlaintext(tag, plaintext.Length);
        var segment = new byte[SegmentLength(tag, plaintext.Length)];
        Protect(tag, plaintext, segment);
        return segment;
    }

    /// <summary>Protects the next segment into the beginning of <paramref name="destination"/>.</summary>
    /// <returns>The length of the segment in bytes, which is <see cref="SegmentLength"/>.</returns>
    public int Protect(BspTag tag, ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckPlaintext(tag, plaintext.Length);
        var content = ContentLength(tag, plaintext.Length);
        destination[0] = (byte)tag;
        var header = 1 + BerLength.Write(content, destination[1..]);
        var data = destination.Slice(header, content - MacLength);
        plaintext.CopyTo(data);
        _counter++;
        if (tag != BspTag.Metadata)
        {
            data[plaintext.Length] = 0x80;
            data[(plaintext.Length + 1)..].Clear();
            Span<byte> icv = stackalloc byte[Block];
            InitialVector(icv);
            _aes.EncryptCbc(data, icv, data, PaddingMode.None);
        }

        var maced = header + data.Length;
        _cmac.Compute(_chaining, destination[..maced], _chaining);
        _chaining.AsSpan(0, MacLength).CopyTo(destination[maced..]);
        return maced + MacLength;
    }

    /// <summary>Checks and then opens the next segment. Nothing is decrypted before its MAC is found right.</summary>
    /// <param name="tag">What must come next.</param>
    /// <param name="segment">The whole segment as received, with its tag, length and MAC.</param>
    /// <param name="plaintext">The content when there is no error, and empty otherwise.</param>
    /// <returns>The first error of the session: after one, every further segment is refused with the same.</returns>
    public BspError Unprotect(BspTag tag, ReadOnlyMemory<byte> segment, out byte[] plaintext)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        plaintext = [];
        if (_failure == BspError.None)
        {
            _failure = Open(tag, segment, ref plaintext);
        }

        return _failure;
    }

    /// <summary>Wipes the keys and the chaining value.</summary>
    public void Dispose()
    {
        _disposed = true;
        _aes.Dispose();
        _cmac.Dispose();
        CryptographicOperations.ZeroMemory(_chaining);
    }

    private BspError Open(BspTag tag, ReadOnlyMemory<byte> segment, ref byte[] plaintext)
    {
        if (segment.Length > MaxReceivedSegment)
        {
            return BspError.Size;
        }

        if (!TryReadTlv(segment, out var found, out var value))
        {
            return BspError.Structure;
        }

        if (found != (uint)tag)
        {
            return BspError.OutOfOrder;
        }

        var encrypted = tag != BspTag.Metadata;
        var dataLength = value.Length - MacLength;
        if (dataLength < (encrypted ? Block : 1) || (encrypted && dataLength % Block != 0))
        {
            return BspError.Size;
        }

        return CheckMac(segment.Span)
            ? Take(encrypted, value.Span[..dataLength], ref plaintext)
            : BspError.Mac;
    }

    private bool CheckMac(ReadOnlySpan<byte> segment)
    {
        Span<byte> mac = stackalloc byte[Block];
        _cmac.Compute(_chaining, segment[..^MacLength], mac);
        var right = CryptographicOperations.FixedTimeEquals(mac[..MacLength], segment[^MacLength..]);
        if (right)
        {
            mac.CopyTo(_chaining);
            _counter++;
        }

        CryptographicOperations.ZeroMemory(mac);
        return right;
    }

    private BspError Take(bool encrypted, ReadOnlySpan<byte> data, ref byte[] plaintext)
    {
        if (!encrypted)
        {
            plaintext = data.ToArray();
            return BspError.None;
        }

        Span<byte> padded = stackalloc byte[MaxReceivedSegment];
        padded = padded[..data.Length];
        Span<byte> icv = stackalloc byte[Block];
        InitialVector(icv);
        _aes.DecryptCbc(data, icv, padded, PaddingMode.None);
        var end = padded.LastIndexOfAnyExcept((byte)0);
        var right = end >= data.Length - Block && padded[end] == 0x80;
        plaintext = right ? padded[..end].ToArray() : plaintext;
        CryptographicOperations.ZeroMemory(padded);
        return right ? BspError.None : BspError.Structure;
    }

    private void InitialVector(Span<byte> icv)
    {
        icv.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(icv[^sizeof(uint)..], _counter);
        _aes.EncryptEcb(icv, icv, PaddingMode.None);
    }

    private static bool TryReadTlv(ReadOnlyMemory<byte> segment, out uint tag, out ReadOnlyMemory<byte> value)
    {
        try
        {
            var reader = new BerReader(segment);
            tag = reader.PeekTag();
            value = reader.ReadValue(tag);
            return !reader.HasData;
        }
        catch (ProtocolException)
        {
            // Not a TLV: the caller answers with the standard's error instead.
            tag = 0;
            value = default;
            return false;
        }
    }

    private static int ContentLength(BspTag tag, int plaintextLength) =>
        (tag == BspTag.Metadata ? plaintextLength : ((plaintextLength / Block) + 1) * Block) + MacLength;

    private static void CheckPlaintext(BspTag tag, int length)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length, nameof(length));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxPlaintextOf(tag));
    }
}

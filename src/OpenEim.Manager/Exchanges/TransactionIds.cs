using System.Buffers.Binary;
using System.Security.Cryptography;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Exchanges;

/// <summary>Makes eimTransactionIds that lead back to their eUICC.</summary>
/// <remarks>
/// v1.0 IPAs leave the EID out of their results. The sixteen bytes are the eUICC's id (8), the day (2) and random ones (6), enciphered
/// as one AES block: any node that has the key finds the eUICC without an index over all transactions, and in one month's packages
/// instead of all; nobody else learns the id. Versions before had random bytes in the day's place, too.
/// </remarks>
public sealed class TransactionIds : IDisposable
{
    private const long Day = 24 * 60 * 60 * 1000; // milliseconds

    private const long HighestId = 1L << 40;

    private readonly Aes _aes;

    /// <summary>Takes a key of 16 or 32 bytes, the same on every node.</summary>
    public TransactionIds(ReadOnlySpan<byte> key)
    {
        _aes = Aes.Create();
        _aes.Key = key.ToArray();
    }

    /// <summary>A new id for a transaction with the eUICC.</summary>
    /// <param name="euiccId">The eUICC's number.</param>
    /// <param name="now">When the transaction begins, in Unix milliseconds.</param>
    public TransactionId Create(long euiccId, long now)
    {
        Span<byte> block = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(block, euiccId);
        BinaryPrimitives.WriteUInt16BigEndian(block[8..], (ushort)(now / Day));
        RandomNumberGenerator.Fill(block[10..]);
        Span<byte> id = stackalloc byte[16];
        lock (_aes)
        {
            _aes.EncryptEcb(block, id, PaddingMode.None);
        }

        return TransactionId.FromBytes(id);
    }

    /// <summary>The eUICC that an id was made for; any other sixteen bytes give a number that is nobody's.</summary>
    public long? EuiccIdOf(TransactionId id)
    {
        Span<byte> block = stackalloc byte[16];
        return TryDecipher(id.ToBytes(), block) && BinaryPrimitives.ReadInt64BigEndian(block) is > 0 and var euiccId ? euiccId : null;
    }

    /// <summary>Whether this eIM has made the id, for this eUICC or another, now or once: other bytes decipher to numbers that are far too high.</summary>
    public bool IsOurs(TransactionId id) => EuiccIdOf(id) < HighestId;

    /// <summary>The day (UTC) on which an id was made, as its first millisecond and that of the next; of ids of versions before, any day.</summary>
    public (long From, long Until) DayOf(ReadOnlySpan<byte> id)
    {
        Span<byte> block = stackalloc byte[16];
        if (!TryDecipher(id, block))
        {
            return default;
        }

        var from = BinaryPrimitives.ReadUInt16BigEndian(block[8..]) * Day;
        return (from, from + Day);
    }

    private bool TryDecipher(ReadOnlySpan<byte> id, Span<byte> block)
    {
        if (id.Length != block.Length)
        {
            return false;
        }

        lock (_aes)
        {
            _aes.DecryptEcb(id, block, PaddingMode.None);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _aes.Dispose();
}

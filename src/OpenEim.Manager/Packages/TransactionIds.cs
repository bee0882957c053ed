using System.Buffers.Binary;
using System.Security.Cryptography;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Packages;

/// <summary>Makes eimTransactionIds that lead back to their eUICC.</summary>
/// <remarks>
/// v1.0 IPAs leave the EID out of their results. The sixteen bytes are the eUICC's id and eight random ones, enciphered as one
/// AES block: any node that has the key finds the eUICC without an index over all transactions, and nobody else learns the id.
/// </remarks>
public sealed class TransactionIds : IDisposable
{
    private readonly Aes _aes;

    /// <summary>Takes a key of 16 or 32 bytes, the same on every node.</summary>
    public TransactionIds(ReadOnlySpan<byte> key)
    {
        _aes = Aes.Create();
        _aes.Key = key.ToArray();
    }

    /// <summary>A new id for a transaction with the eUICC.</summary>
    public TransactionId Create(long euiccId)
    {
        Span<byte> block = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(block, euiccId);
        RandomNumberGenerator.Fill(block[8..]);
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
        var bytes = id.ToBytes();
        if (bytes.Length != 16)
        {
            return null;
        }

        Span<byte> block = stackalloc byte[16];
        lock (_aes)
        {
            _aes.DecryptEcb(bytes, block, PaddingMode.None);
        }

        var euiccId = BinaryPrimitives.ReadInt64BigEndian(block);
        return euiccId > 0 ? euiccId : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _aes.Dispose();
}

using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OpenEim.Manager.Operations;

/// <summary>Makes the ids of operations: UUIDv7 (RFC 9562, 5.7) that sort in the order of scheduling, within one millisecond too.</summary>
internal static class OperationIds
{
    /// <summary>Makes an id.</summary>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="revision">Rises with every operation of the eUICC; its low bits are the counter of RFC 9562, 6.2, method 1.</param>
    public static Guid Create(long now, long revision)
    {
        Span<byte> id = stackalloc byte[16];
        RandomNumberGenerator.Fill(id);
        BinaryPrimitives.WriteInt64BigEndian(id, (now << 16) | 0x7000 | (revision & 0xFFF));
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}

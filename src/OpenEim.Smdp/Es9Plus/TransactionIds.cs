using System.Buffers.Binary;
using System.Security.Cryptography;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>Makes transaction ids that prove themselves, so that nothing is stored for a stranger's first message.</summary>
/// <remarks>
/// Sixteen bytes: the time in milliseconds (6), a number (4), and a MAC over both (6). The server's challenge of a transaction is
/// more of the same MAC, which nobody else can know before it is sent. Any node that has the key recognises both.
/// </remarks>
internal sealed class TransactionIds : IDisposable
{
    public const int ChallengeLength = 16;

    private const int HeadLength = 10;
    private const int MacLength = 6;

    private readonly byte[] _key;
    private readonly TimeSpan _lifetime;
    private readonly TimeProvider _time;
    private uint _number = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));

    /// <param name="key">The same on every node; owned by this object from now on.</param>
    /// <param name="lifetime">How long an id is recognised.</param>
    /// <param name="time">The clock.</param>
    public TransactionIds(byte[] key, TimeSpan lifetime, TimeProvider time) => (_key, _lifetime, _time) = (key, lifetime, time);

    /// <summary>A new id and its challenge.</summary>
    public (TransactionId Id, byte[] Challenge) Create()
    {
        Span<byte> id = stackalloc byte[HeadLength + MacLength];
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, _time.GetUtcNow().ToUnixTimeMilliseconds());
        time[2..].CopyTo(id);
        BinaryPrimitives.WriteUInt32BigEndian(id[6..], Interlocked.Increment(ref _number));
        var challenge = Mac(id[..HeadLength], id[HeadLength..]);
        return (TransactionId.FromBytes(id), challenge);
    }

    /// <summary>Recognises an id that is still alive.</summary>
    /// <param name="id">The id.</param>
    /// <param name="challenge">The server's challenge of the transaction.</param>
    /// <param name="expiry">The end of its life, Unix milliseconds.</param>
    public bool TryRecognise(TransactionId id, out byte[] challenge, out long expiry)
    {
        challenge = [];
        expiry = 0;
        var bytes = id.ToBytes();
        if (bytes.Length != HeadLength + MacLength)
        {
            return false;
        }

        Span<byte> mac = stackalloc byte[MacLength];
        challenge = Mac(bytes.AsSpan(0, HeadLength), mac);
        Span<byte> time = stackalloc byte[sizeof(long)];
        time.Clear();
        bytes.AsSpan(0, 6).CopyTo(time[2..]);
        expiry = BinaryPrimitives.ReadInt64BigEndian(time) + (long)_lifetime.TotalMilliseconds;
        return CryptographicOperations.FixedTimeEquals(mac, bytes.AsSpan(HeadLength)) && _time.GetUtcNow().ToUnixTimeMilliseconds() < expiry;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    private byte[] Mac(ReadOnlySpan<byte> head, Span<byte> mac)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, head, whole);
        whole[..MacLength].CopyTo(mac);
        return whole[^ChallengeLength..].ToArray();
    }
}

namespace OpenEim.Storage.Postgres;

/// <summary>Keys are the same when their bytes are.</summary>
internal sealed class KeyComparer : IEqualityComparer<byte[]>
{
    public static KeyComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj)
    {
        var hash = default(HashCode);
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}

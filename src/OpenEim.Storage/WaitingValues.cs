using System.Diagnostics.CodeAnalysis;

namespace OpenEim.Storage;

/// <summary>The latest value of each key, set by many threads, until it is taken to be written and has been.</summary>
/// <remarks>
/// Millions of keys may wait: they stand in a few large arrays, without an object for each, which the garbage collector would have to
/// visit. The keys are spread over parts, so that threads seldom meet at a part's lock.
/// </remarks>
internal sealed class WaitingValues<TKey, TValue>
    where TKey : IComparable<TKey>
{
    private const int PartCount = 64; // a power of two

    private readonly Part[] _parts = [.. Enumerable.Range(0, PartCount).Select(_ => new Part())];

    /// <summary>How many wait, those that are being written excepted.</summary>
    public int Count => _parts.Sum(part => part.Count);

    public void Set(TKey key, TValue value) => PartOf(key).Set(key, value);

    /// <summary>The value that waits or is being written.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) => PartOf(key).TryGet(key, out value);

    /// <summary>Takes all that wait, in the order of their keys. Until <see cref="Forget"/> they can still be got.</summary>
    public KeyValuePair<TKey, TValue>[] Take()
    {
        var taken = new KeyValuePair<TKey, TValue>[Array.ConvertAll(_parts, part => part.Take()).Sum()];
        var filled = 0;
        foreach (var part in _parts)
        {
            filled += part.CopyTaken(taken.AsSpan(filled));
        }

        taken.AsSpan().Sort(static (left, right) => left.Key.CompareTo(right.Key));
        return taken;
    }

    /// <summary>Those taken were written, but for these, which wait again unless a newer value does.</summary>
    public void Forget(ReadOnlySpan<KeyValuePair<TKey, TValue>> unwritten)
    {
        foreach (var (key, value) in unwritten)
        {
            PartOf(key).PutBack(key, value);
        }

        Array.ForEach(_parts, part => part.ForgetTaken());
    }

    private Part PartOf(TKey key) => _parts[EqualityComparer<TKey>.Default.GetHashCode(key) & (PartCount - 1)];

    private sealed class Part
    {
        private readonly Lock _gate = new();
        private Dictionary<TKey, TValue> _waiting = [];
        private Dictionary<TKey, TValue>? _taken;

        public int Count
        {
            get
            {
                lock (_gate)
                {
                    return _waiting.Count;
                }
            }
        }

        public void Set(TKey key, TValue value)
        {
            lock (_gate)
            {
                _waiting[key] = value;
            }
        }

        public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
        {
            lock (_gate)
            {
                if (_waiting.TryGetValue(key, out value))
                {
                    return true;
                }

                value = default;
                return _taken is not null && _taken.TryGetValue(key, out value);
            }
        }

        public int Take()
        {
            lock (_gate)
            {
                _taken = _waiting;

                // As many as before will come again, most likely: room for them is made once.
                _waiting = new Dictionary<TKey, TValue>(_taken.Count);
                return _taken.Count;
            }
        }

        /// <summary>Nobody changes what is taken.</summary>
        public int CopyTaken(Span<KeyValuePair<TKey, TValue>> to)
        {
            var count = 0;
            foreach (var pair in _taken!)
            {
                to[count++] = pair;
            }

            return count;
        }

        public void PutBack(TKey key, TValue value)
        {
            lock (_gate)
            {
                _waiting.TryAdd(key, value);
            }
        }

        public void ForgetTaken()
        {
            lock (_gate)
            {
                _taken = null;
            }
        }
    }
}

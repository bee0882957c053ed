using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OpenEim.Server.Esipa;

/// <summary>Limits the rate of requests for any number of keys in constant memory, without locks and without allocation.</summary>
/// <remarks>
/// Each key has two of 65,536 to 1,048,576 slots, chosen by hashes that nobody outside the process can predict. A slot holds the time at
/// which its allowance is full again (the generic cell rate algorithm). A request passes while either of its slots has allowance left, so a
/// key is disturbed by others only where both of its slots are shared with busy ones.
/// </remarks>
internal sealed class RateTable
{
    private readonly long[] _first;
    private readonly long[] _second;
    private readonly long _interval;
    private readonly long _allowance;
    private readonly TimeProvider _time;

    /// <summary>Makes the table.</summary>
    /// <param name="perSecond">How many requests a key may make each second for long.</param>
    /// <param name="burst">How many it may make at once.</param>
    /// <param name="slots">A power of two.</param>
    /// <param name="time">The clock; only its timestamps are used, so a wrong date does no harm.</param>
    public RateTable(int perSecond, int burst, int slots, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(burst);
        Debug.Assert(slots > 0 && (slots & (slots - 1)) == 0, "the number of slots is a power of two");
        _first = new long[slots];
        _second = new long[slots];
        _interval = Math.Max(1, time.TimestampFrequency / perSecond);
        _allowance = _interval * burst;
        _time = time;
    }

    /// <summary>Counts one request.</summary>
    /// <param name="key">Whose it is.</param>
    /// <returns>Whether it may pass.</returns>
    public bool Admit(in RateKey key)
    {
        var now = _time.GetTimestamp();
        var mask = _first.Length - 1;
        var first = Take(ref _first[key.Hash(1) & mask], now);
        var second = Take(ref _second[key.Hash(2) & mask], now);
        return first || second;
    }

    private bool Take(ref long slot, long now)
    {
        while (true)
        {
            var full = Volatile.Read(ref slot);
            var next = Math.Max(full, now) + _interval;
            if (next - now > _allowance)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref slot, next, full) == full)
            {
                return true;
            }
        }
    }
}

/// <summary>Whose requests are counted together: up to 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RateKey(UInt128 Low, long High)
{
    /// <summary>One of two independent hashes; they differ from process to process.</summary>
    public int Hash(int which) => HashCode.Combine(which, Low, High);
}

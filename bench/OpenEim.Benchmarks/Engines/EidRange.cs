using System.Buffers.Binary;
using System.Globalization;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Benchmarks.Engines;

/// <summary>The EIDs of a made-up fleet: a prefix of 20 digits, a number of 10, and the two check digits of SGP.29.</summary>
/// <remarks>The whole EID as a number leaves 1 when divided by 97. The prefix's share of that is a constant.</remarks>
internal static class EidRange
{
    public const string Prefix = "89049032000000000000";

    // What the prefix, with ten digits and two of the check behind it, leaves when divided by 97.
    private static readonly int PrefixRest = (int)(UInt128.Parse(Prefix, CultureInfo.InvariantCulture) * 1_000_000_000_000 % 97);
    private static readonly byte[] PrefixBytes = Convert.FromHexString(Prefix);

    /// <summary>The EID with that number.</summary>
    public static Eid At(long number)
    {
        Span<byte> bytes = stackalloc byte[Eid.ByteLength];
        Write(number, bytes);
        return Eid.FromBytes(bytes);
    }

    /// <summary>Writes the 16 bytes of the EID with that number.</summary>
    public static void Write(long number, Span<byte> bytes)
    {
        PrefixBytes.CopyTo(bytes);
        Span<byte> tail = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(tail, Packed((ulong)number, 10) << 8 | Packed((ulong)Check(number), 2));
        tail[2..].CopyTo(bytes[PrefixBytes.Length..]);
    }

    /// <summary>SQL for the EID with the number that the column tells.</summary>
    public static string Sql(IEngine engine, string column) =>
        engine.FromHex($"'{Prefix}' || {engine.Digits(column, 10)} || {engine.Digits($"98 - ({PrefixRest} + {column} * 100) % 97", 2)}");

    private static long Check(long number) => 98 - ((PrefixRest + (number % 97 * 100)) % 97);

    private static ulong Packed(ulong number, int digits)
    {
        var packed = 0UL;
        for (var i = 0; i < digits; i++, number /= 10)
        {
            packed |= number % 10 << (4 * i);
        }

        return packed;
    }
}

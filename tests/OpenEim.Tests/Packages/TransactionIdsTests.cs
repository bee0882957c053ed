using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using OpenEim.Manager.Exchanges;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Tests.Packages;

/// <summary>What a transaction's id tells to those who have the key.</summary>
public sealed class TransactionIdsTests
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    [Theory]
    [InlineData("2026-01-01T00:00:00.000Z", "2026-01-01")]
    [InlineData("2026-11-30T23:59:59.999Z", "2026-11-30")]
    [InlineData("2140-02-28T12:00:00.000Z", "2140-02-28")]
    public void Id_tells_the_eUICC_and_the_day(string now, string day)
    {
        using var ids = new TransactionIds(Key);
        var id = ids.Create(7_000_000_000, DateTimeOffset.Parse(now, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds());

        Assert.Equal(7_000_000_000, ids.EuiccIdOf(id));
        var (from, until) = ids.DayOf(id.ToBytes());
        Assert.Equal(day, DateTimeOffset.FromUnixTimeMilliseconds(from).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Assert.Equal(86_400_000, until - from);
    }

    [Fact]
    public void Id_of_a_version_before_tells_the_eUICC_and_two_ids_differ()
    {
        using var ids = new TransactionIds(Key);
        using var aes = Aes.Create();
        aes.Key = Key;
        var block = RandomNumberGenerator.GetBytes(16);
        BinaryPrimitives.WriteInt64BigEndian(block, 42);

        Assert.Equal(42, ids.EuiccIdOf(TransactionId.FromBytes(aes.EncryptEcb(block, PaddingMode.None))));
        Assert.NotEqual(ids.Create(42, 0), ids.Create(42, 0));
        Assert.Null(ids.EuiccIdOf(TransactionId.FromBytes([1, 2, 3])));
        Assert.Equal(default, ids.DayOf([1, 2, 3]));
    }
}

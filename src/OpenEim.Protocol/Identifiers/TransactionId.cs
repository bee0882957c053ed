using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace OpenEim.Protocol.Identifiers;

/// <summary>A transaction's identifier, 1 to 16 bytes (SGP.22 TransactionId; SGP.32 eimTransactionId).</summary>
public readonly record struct TransactionId
{
    /// <summary>The greatest length in bytes.</summary>
    public const int MaxLength = 16;

    private readonly string? _hex;

    private TransactionId(string hex) => _hex = hex;

    /// <summary>Takes over 1 to 16 bytes.</summary>
    /// <exception cref="ProtocolException">The length is wrong.</exception>
    public static TransactionId FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length is >= 1 and <= MaxLength
        ? new TransactionId(Convert.ToHexString(bytes))
        : throw new ProtocolException($"a transaction id has 1 to {MaxLength} bytes, not {bytes.Length}");

    /// <summary>Reads hex digits of either case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? hex, out TransactionId id)
    {
        var valid = hex is { Length: >= 2 and <= 2 * MaxLength } && hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit);
        id = valid ? new TransactionId(hex!.ToUpperInvariant()) : default;
        return valid;
    }

    /// <summary>Sixteen random bytes.</summary>
    public static TransactionId Random() => FromBytes(RandomNumberGenerator.GetBytes(MaxLength));

    /// <summary>The bytes.</summary>
    public byte[] ToBytes() => Convert.FromHexString(ToString());

    /// <summary>Upper-case hex, as the JSON bindings write it.</summary>
    public override string ToString() => _hex ?? throw new InvalidOperationException("the transaction id was never set");
}

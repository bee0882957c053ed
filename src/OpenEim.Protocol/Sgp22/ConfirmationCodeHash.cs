using System.Security.Cryptography;
using System.Text;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 hashCc: SHA-256 over the SHA-256 of the confirmation code and the transaction id (SGP.22 3.1.3, 5.7.5).</summary>
public static class ConfirmationCodeHash
{
    /// <summary>The length in bytes.</summary>
    public const int ByteLength = 32;

    /// <summary>The inner hash, which is all that an SM-DP+ has to keep of a code.</summary>
    public static byte[] OfCode(string confirmationCode) => SHA256.HashData(Encoding.UTF8.GetBytes(confirmationCode));

    /// <summary>hashCc from the inner hash.</summary>
    /// <param name="codeHash">What <see cref="OfCode"/> gives.</param>
    /// <param name="transactionId">The download's transaction.</param>
    public static byte[] Compute(ReadOnlySpan<byte> codeHash, TransactionId transactionId) =>
        SHA256.HashData([.. codeHash, .. transactionId.ToBytes()]);

    /// <summary>hashCc from the code itself.</summary>
    public static byte[] Compute(string confirmationCode, TransactionId transactionId) =>
        Compute(OfCode(confirmationCode), transactionId);
}

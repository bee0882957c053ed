namespace OpenEim.Protocol.Security;

/// <summary>Signs with a key that may live elsewhere: a file, a PKCS#11 token.</summary>
/// <remarks>Implementations are safe to call from many threads at once.</remarks>
public interface ISigner
{
    /// <summary>The key that verifies what this signer signs.</summary>
    EcPublicKey PublicKey { get; }

    /// <summary>Signs with ECDSA and SHA-256; the result is raw r‖s, 64 bytes (BSI TR-03111), as tag 5F37 holds it.</summary>
    byte[] Sign(ReadOnlySpan<byte> data);
}

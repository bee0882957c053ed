using System.Text;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage.Secrets;

namespace OpenEim.Manager.Secrets;

/// <summary>Keeps activation codes, confirmation codes, and the messages that carry them, encrypted in the database: each bound to what it belongs to.</summary>
public sealed class DownloadSecrets(MasterKey masterKey)
{
    /// <summary>For an operation.</summary>
    public byte[] Protect(Guid operation, ActivationCode code) => ProtectAs($"activation code of operation {operation}", code);

    /// <summary>For an operation.</summary>
    public byte[] Protect(Guid operation, ConfirmationCode code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return masterKey.Protect(ConfirmationName(operation), Encoding.UTF8.GetBytes(code.Text));
    }

    /// <summary>For a profile in stock.</summary>
    public byte[] Protect(string iccid, ActivationCode code) => ProtectAs($"activation code of profile {iccid}", code);

    /// <summary>Of an operation.</summary>
    /// <exception cref="SecretException">It cannot be decrypted.</exception>
    public ActivationCode Unprotect(Guid operation, ReadOnlySpan<byte> stored) => UnprotectAs($"activation code of operation {operation}", stored);

    /// <summary>Of an operation.</summary>
    /// <exception cref="SecretException">It cannot be decrypted.</exception>
    public ConfirmationCode UnprotectConfirmation(Guid operation, ReadOnlySpan<byte> stored) =>
        ConfirmationCode.Parse(Encoding.UTF8.GetString(masterKey.Unprotect(ConfirmationName(operation), stored)));

    /// <summary>Of a profile in stock.</summary>
    /// <exception cref="SecretException">It cannot be decrypted.</exception>
    public ActivationCode Unprotect(string iccid, ReadOnlySpan<byte> stored) => UnprotectAs($"activation code of profile {iccid}", stored);

    /// <summary>A trigger (BF54), whose bytes must stay the same.</summary>
    internal byte[] ProtectTrigger(byte[] transactionId, ReadOnlySpan<byte> trigger) => masterKey.Protect(TriggerName(transactionId), trigger);

    internal byte[] UnprotectTrigger(byte[] transactionId, ReadOnlySpan<byte> stored) => masterKey.Unprotect(TriggerName(transactionId), stored);

    /// <summary>An answer of ESipa's download functions: it may hold a matching id or the hash of a confirmation code.</summary>
    internal byte[] ProtectAnswer(byte[] requestHash, ReadOnlySpan<byte> answer) => masterKey.Protect(AnswerName(requestHash), answer);

    internal byte[] UnprotectAnswer(byte[] requestHash, ReadOnlySpan<byte> stored) => masterKey.Unprotect(AnswerName(requestHash), stored);

    private static string AnswerName(byte[] requestHash) => "relayed answer " + Convert.ToHexString(requestHash);

    private static string ConfirmationName(Guid operation) => $"confirmation code of operation {operation}";

    private static string TriggerName(byte[] transactionId) => "download trigger " + Convert.ToHexString(transactionId);

    private byte[] ProtectAs(string name, ActivationCode code) => masterKey.Protect(name, Encoding.UTF8.GetBytes(code.Text));

    private ActivationCode UnprotectAs(string name, ReadOnlySpan<byte> stored) =>
        ActivationCode.Parse(Encoding.UTF8.GetString(masterKey.Unprotect(name, stored)));
}

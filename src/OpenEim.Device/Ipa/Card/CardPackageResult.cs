using System.Text;

namespace OpenEim.Device.Ipa.Card;

/// <summary>An EuiccPackageResult (BF51) as the card gave it, with the fields that an IPA needs (SGP.32 2.11.2.1).</summary>
/// <param name="Encoded">The whole TLV, as it goes to the eIM.</param>
public sealed record CardPackageResult(ReadOnlyMemory<byte> Encoded)
{
    private const uint Function = 0xBF51;

    /// <summary>The id of the eIM that sent the package; null if it cannot be read.</summary>
    public string? EimId => Field(0x80) is { } id ? Encoding.UTF8.GetString(id.Value.Span) : null;

    /// <summary>The package's counter; null if the result has none.</summary>
    public long? Counter => IsUnsigned ? null : Number(0x81);

    /// <summary>The sequence number that the card gave the result; null if the card does not keep the result, for instance a refusal.</summary>
    public long? SequenceNumber => IsUnsigned ? null : Number(0x83);

    /// <summary>The eIM's transaction id, in hex; null if the result has none.</summary>
    public string? TransactionId => Field(0x82) is { } id ? Convert.ToHexString(id.Value.Span) : null;

    /// <summary>The error code with which the card refused the whole package; null if it did not refuse.</summary>
    public long? Refusal => IsUnsigned ? null : Number(0x02);

    /// <summary>Whether this is an unsigned error: the card could not tell who sent the package.</summary>
    public bool IsUnsigned => Tlv.Find(Encoded, Function, 0xA2) is not null;

    /// <summary>Whether the results hold a successful enable (83) or disable (84).</summary>
    public bool SwitchesProfile => Signed() is { } signed && Tlv.Split(signed)
        .SelectMany(tlv => tlv.Tag == 0x30 ? Tlv.Split(tlv.Value) : [])
        .Any(result => result.Tag is 0x83 or 0x84 && result.Value.Span is [0]);

    private long? Number(uint tag) => Signed() is { } signed ? Tlv.FindInteger(signed, tag) : null;

    private Tlv? Field(uint tag) => (Signed() ?? Tlv.Find(Encoded, Function, 0xA2)?.Value) is { } fields ? Tlv.Find(fields, tag) : null;

    /// <summary>The content of the signed data. Some cards write a bare 30 for the CHOICE's A0 or A1, or leave it out.</summary>
    private ReadOnlyMemory<byte>? Signed()
    {
        foreach (var arm in (ReadOnlySpan<uint>)[0xA0, 0xA1, 0x30])
        {
            if (Tlv.Find(Encoded, Function, arm, 0x30) is { } signed && Tlv.Find(signed.Value, 0x80) is not null)
            {
                return signed.Value;
            }
        }

        // Not a conditional expression: its null would be converted by way of byte[] and become an empty value.
        if (Tlv.Find(Encoded, Function, 0x30) is { } bare)
        {
            return bare.Value;
        }

        return null;
    }
}

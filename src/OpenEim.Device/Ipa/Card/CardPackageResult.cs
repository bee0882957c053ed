using System.Text;

namespace OpenEim.Device.Ipa.Card;

/// <summary>An EuiccPackageResult, BF51, as the card gave it, and what an IPA must know of it (SGP.32 2.11.2.1).</summary>
/// <param name="Encoded">The whole TLV: what goes to the eIM.</param>
public sealed record CardPackageResult(ReadOnlyMemory<byte> Encoded)
{
    private const uint Function = 0xBF51;

    /// <summary>The eIM that the package came from; null where it cannot be read.</summary>
    public string? EimId => Field(0x80) is { } id ? Encoding.UTF8.GetString(id.Value.Span) : null;

    /// <summary>The package's counter; null where the result names none.</summary>
    public long? Counter => IsUnsigned ? null : Number(0x81);

    /// <summary>The card's number for the result; null where the card does not keep it, as with a refusal.</summary>
    public long? SequenceNumber => IsUnsigned ? null : Number(0x83);

    /// <summary>The eIM's transaction, in hex; null where the result names none.</summary>
    public string? TransactionId => Field(0x82) is { } id ? Convert.ToHexString(id.Value.Span) : null;

    /// <summary>Why the card has refused the whole package: its code; null where it has not.</summary>
    public long? Refusal => IsUnsigned ? null : Number(0x02);

    /// <summary>Whether the card could not tell who sent the package: nobody has signed anything.</summary>
    public bool IsUnsigned => Tlv.Find(Encoded, Function, 0xA2) is not null;

    /// <summary>Whether a successful enable (83) or disable (84) is among the results.</summary>
    public bool SwitchesProfile => Signed() is { } signed && Tlv.Split(signed)
        .SelectMany(tlv => tlv.Tag == 0x30 ? Tlv.Split(tlv.Value) : [])
        .Any(result => result.Tag is 0x83 or 0x84 && result.Value.Span is [0]);

    private long? Number(uint tag) => Signed() is { } signed ? Tlv.FindInteger(signed, tag) : null;

    private Tlv? Field(uint tag) => (Signed() ?? Tlv.Find(Encoded, Function, 0xA2)?.Value) is { } fields ? Tlv.Find(fields, tag) : null;

    /// <summary>What stands in the signed data. The arm of the CHOICE, A0 or A1, may be a bare 30, or be left out.</summary>
    private ReadOnlyMemory<byte>? Signed()
    {
        foreach (var arm in (ReadOnlySpan<uint>)[0xA0, 0xA1, 0x30])
        {
            if (Tlv.Find(Encoded, Function, arm, 0x30) is { } signed && Tlv.Find(signed.Value, 0x80) is not null)
            {
                return signed.Value;
            }
        }

        // Not a conditional expression: a null there would become an empty value by way of byte[].
        if (Tlv.Find(Encoded, Function, 0x30) is { } bare)
        {
            return bare.Value;
        }

        return null;
    }
}

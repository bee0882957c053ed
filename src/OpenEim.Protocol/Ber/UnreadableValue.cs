namespace OpenEim.Protocol.Ber;

/// <summary>A value in signed or reported content that could not be read. The rest of the message was read without it.</summary>
/// <param name="Tag">Its tag; 0 where the bytes are no TLV, and then <paramref name="Encoded"/> is all that was left around it.</param>
/// <param name="Encoded">The bytes as received, tag and length included.</param>
/// <param name="Reason">What is wrong with it, in words.</param>
public sealed record UnreadableValue(uint Tag, ReadOnlyMemory<byte> Encoded, string Reason);

/// <summary>Collects the unreadable values of one message.</summary>
internal sealed class UnreadableValues
{
    private List<UnreadableValue>? _values;

    public UnreadableValue Add(uint tag, ReadOnlyMemory<byte> encoded, string reason)
    {
        var value = new UnreadableValue(tag, encoded, reason);
        (_values ??= []).Add(value);
        return value;
    }

    public void AddRange(IReadOnlyList<UnreadableValue> values)
    {
        if (values.Count > 0)
        {
            (_values ??= []).AddRange(values);
        }
    }

    /// <summary>What was collected; always the same empty list when all was read.</summary>
    public IReadOnlyList<UnreadableValue> ToList() => (IReadOnlyList<UnreadableValue>?)_values ?? [];
}

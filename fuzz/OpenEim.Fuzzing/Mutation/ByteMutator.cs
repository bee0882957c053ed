namespace OpenEim.Fuzzing.Mutation;

/// <summary>Changes bytes without looking at what they mean.</summary>
internal static class ByteMutator
{
    /// <summary>Changes an input once.</summary>
    public static byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        if (input.Length == 0)
        {
            return Values.Leaf(random);
        }

        byte[] changed = [.. input];
        var at = random.Next(input.Length);
        switch (random.Next(8))
        {
            case 0:
                changed[at] ^= (byte)(1 << random.Next(8));
                return changed;
            case 1:
                changed[at] = (byte)random.Next(256);
                return changed;
            case 2:
                changed[at] = (byte)(changed[at] + (random.Next(2) == 0 ? 1 : -1));
                return changed;
            case 3:
                return input[..at];
            case 4:
                return [.. input[..at], .. Values.Leaf(random), .. input[at..]];
            case 5:
                return [.. input[..at], .. input[Math.Min(input.Length, at + random.Next(1, 9))..]];
            case 6:
                return [.. input[..at], .. other[random.Next(other.Length + 1)..]];
            default:
                return [.. input, .. Values.Leaf(random)];
        }
    }
}

using System.Text;

namespace OpenEim.Fuzzing.Mutation;

/// <summary>Lines of hexadecimal digits: changes one of them as BER or bytes, or their order and number.</summary>
internal static class HexLines
{
    /// <summary>Reads the lines; what is no hexadecimal number is left out.</summary>
    public static List<byte[]> Read(byte[] input) => [.. Encoding.ASCII.GetString(input).Split('\n').Select(line => line.Trim())
        .Where(line => line.Length % 2 == 0 && line.All(char.IsAsciiHexDigit)).Select(Convert.FromHexString)];

    /// <summary>Writes lines.</summary>
    public static byte[] Write(IEnumerable<byte[]> lines) => Encoding.ASCII.GetBytes(string.Join('\n', lines.Select(Convert.ToHexString)) + "\n");

    /// <summary>Changes an input once.</summary>
    public static byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        var lines = Read(input);
        var donors = Read(other);
        if (lines.Count == 0)
        {
            return Write([Values.Leaf(random)]);
        }

        var at = random.Next(lines.Count);
        var donor = donors.Count > 0 ? donors[random.Next(donors.Count)] : lines[at];
        switch (random.Next(8))
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(at, lines[random.Next(lines.Count)]);
                break;
            case 2:
                lines.Insert(at, donor);
                break;
            case 3:
                lines[at] = ByteMutator.Mutate(lines[at], donor, random);
                break;
            default:
                lines[at] = BerMutator.Mutate(lines[at], donor, random) ?? ByteMutator.Mutate(lines[at], donor, random);
                break;
        }

        return Write(lines);
    }
}

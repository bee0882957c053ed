using System.Security.Cryptography;
using System.Text;
using OpenEim.Fuzzing.Targets;

namespace OpenEim.Fuzzing.Mutation;

/// <summary>Makes inputs from other inputs. The same seed makes the same ones.</summary>
internal static class Mutator
{
    /// <summary>The longest input that is made, in bytes.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>Changes an input, one to a few times.</summary>
    public static byte[] Mutate(InputKind kind, byte[] input, byte[] other, Random random)
    {
        var rounds = random.Next(4) == 0 ? random.Next(2, 6) : 1;
        for (var i = 0; i < rounds; i++)
        {
            input = Once(kind, input, other, random);
            input = input.Length > MaxLength ? input[..MaxLength] : input;
        }

        return input;
    }

    private static byte[] Once(InputKind kind, byte[] input, byte[] other, Random random)
    {
        var structured = random.Next(5) == 0 ? null : kind switch
        {
            InputKind.Ber => BerMutator.Mutate(input, other, random),
            InputKind.Json => JsonMutator.Mutate(input, other, random),
            InputKind.Request => RequestMutator.Mutate(input, other, random),
            InputKind.HexLines => HexLines.Mutate(input, other, random),
            InputKind.Pem => Pem(input, random),
            _ => Encoding.UTF8.GetBytes(TextMutator.Mutate(Encoding.UTF8.GetString(input), Encoding.UTF8.GetString(other), random)),
        };
        return structured ?? ByteMutator.Mutate(input, other, random);
    }

    /// <summary>Changes the DER inside a block, or the text around it.</summary>
    private static byte[] Pem(byte[] input, Random random)
    {
        var text = Encoding.UTF8.GetString(input);
        if (random.Next(3) > 0 && PemEncoding.TryFind(text, out var fields))
        {
            var der = Convert.FromBase64String(text[fields.Base64Data].ReplaceLineEndings(""));
            if (BerMutator.Mutate(der, der, random) is { } changed)
            {
                return Encoding.UTF8.GetBytes(text[..fields.Location.Start] + PemEncoding.WriteString(text[fields.Label], changed) + text[fields.Location.End..]);
            }
        }

        return Encoding.UTF8.GetBytes(TextMutator.Mutate(text, text, random));
    }
}

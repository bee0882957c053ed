using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Sgp32;

/// <summary>EuiccPackage (SGP.32 2.11.1.1): PSMOs (A0) or eCOs (A1), never both.</summary>
/// <param name="Psmos">The PSMOs, or null.</param>
/// <param name="Ecos">The eCOs, or null.</param>
/// <param name="ParsedWhole">
/// False when a command in the list is unknown or damaged: the commands before it are here, and the eUICC ends its work there
/// with processingTerminated.
/// </param>
public sealed record EuiccPackage(IReadOnlyList<Psmo>? Psmos, IReadOnlyList<Eco>? Ecos, bool ParsedWhole = true) : IBerMessage<EuiccPackage>
{
    /// <summary>A package of PSMOs.</summary>
    public static EuiccPackage Of(params IReadOnlyList<Psmo> psmos) => new(psmos, null);

    /// <summary>A package of eCOs.</summary>
    public static EuiccPackage Of(params IReadOnlyList<Eco> ecos) => new(null, ecos);

    /// <inheritdoc/>
    public static EuiccPackage Decode(ref BerReader reader)
    {
        if (reader.TryReadConstructed(0xA0, out var psmoList))
        {
            var (psmos, whole) = DecodeList<Psmo>(psmoList);
            return new EuiccPackage(psmos, null, whole);
        }

        var (ecos, wholeEcos) = DecodeList<Eco>(reader.ReadConstructed(0xA1));
        return new EuiccPackage(null, ecos, wholeEcos);
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Psmos is null ? 0xA1u : 0xA0u))
        {
            foreach (IBerMessage command in Psmos ?? (IEnumerable<IBerMessage>)Ecos!)
            {
                command.Encode(writer);
            }
        }
    }

    private static (List<T> Commands, bool Whole) DecodeList<T>(BerReader list) where T : IBerMessage<T>
    {
        var commands = new List<T>();
        while (list.HasData)
        {
            // The list's own framing must be sound; a single command may be unknown or damaged.
            var encoded = list.ReadEncoded(out _);
            try
            {
                commands.Add(BerMessage.Decode<T>(encoded));
            }
            catch (ProtocolException)
            {
                return (commands, false);
            }
        }

        return (commands, true);
    }
}

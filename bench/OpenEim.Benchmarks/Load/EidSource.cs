using System.Globalization;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Benchmarks.Load;

/// <summary>Where the EIDs of polling devices come from.</summary>
internal static class EidSource
{
    /// <summary>One EID on each line; empty lines and those that begin with # are left out.</summary>
    /// <exception cref="LoadException">The file cannot be read, or a line is no EID.</exception>
    public static IReadOnlyList<Eid> FromFile(string path)
    {
        try
        {
            return [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Select(Parse)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadException($"--eids {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>That many from the first on. Where its check digits are right (SGP.29) the number before them is counted up, else the whole of it.</summary>
    /// <exception cref="LoadException">The first is no EID, or the digits do not suffice.</exception>
    public static IReadOnlyList<Eid> FromRange(string first, int count)
    {
        var number = UInt128.Parse(Parse(first).ToString(), CultureInfo.InvariantCulture);
        var isChecked = number % 97 == 1;
        return [.. Enumerable.Range(0, count).Select(i => Parse((isChecked ? WithCheck((number / 100) + (UInt128)i) : number + (UInt128)i).ToString("D32", CultureInfo.InvariantCulture)))];
    }

    private static UInt128 WithCheck(UInt128 number) => (number * 100) + 98 - (number * 100 % 97);

    private static Eid Parse(string text) => Eid.TryParse(text, out var eid) ? eid : throw new LoadException($"\"{text}\" is no EID: it has 32 digits.");
}

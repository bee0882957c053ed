using System.Globalization;
using System.Text;
using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.ProfilePackages;

namespace OpenEim.Smdp.Profiles;

/// <summary>Subscribers' data as comma-separated text. It holds keys: whoever has it protects it.</summary>
/// <remarks>
/// The heading is <c>iccid,imsi,ki,opc</c>, behind which <c>puk1,adm1,ota</c> may stand; a field of these that is empty leaves
/// the template's value. <c>ota</c> lists keys for management over the air as <c>version:identifier:key</c> in hex, with semicolons.
/// </remarks>
public static class SubscriberFile
{
    private const string ShortHeading = "iccid,imsi,ki,opc";
    private const string Heading = ShortHeading + ",puk1,adm1,ota";

    /// <summary>Reads all lines.</summary>
    /// <exception cref="ProtocolException">A line is malformed; the message gives its number, and nothing of its content.</exception>
    public static IReadOnlyList<SubscriberData> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var heading = lines[0].Trim().ToLowerInvariant();
        if (heading is not (ShortHeading or Heading))
        {
            throw new ProtocolException($"a subscriber file begins with the line {ShortHeading} or {Heading}");
        }

        var columns = heading.Split(',').Length;
        var subscribers = new List<SubscriberData>();
        for (var i = 1; i < lines.Length; i++)
        {
            if (!string.IsNullOrWhiteSpace(lines[i]))
            {
                subscribers.Add(ReadLine(lines[i].Split(',', StringSplitOptions.TrimEntries), columns, i + 1));
            }
        }

        return subscribers;
    }

    /// <summary>Writes subscribers as <see cref="Read"/> reads them.</summary>
    public static string Write(IEnumerable<SubscriberData> subscribers)
    {
        ArgumentNullException.ThrowIfNull(subscribers);
        var text = new StringBuilder(Heading).Append('\n');
        foreach (var subscriber in subscribers)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{subscriber.Iccid},{subscriber.Imsi},{Convert.ToHexString(subscriber.Key)},{Convert.ToHexString(subscriber.Opc)},");
            text.Append(CultureInfo.InvariantCulture, $"{Digits(subscriber.Puk1)},{Digits(subscriber.Adm1)},");
            text.AppendJoin(
                ';', subscriber.OtaKeys.Select(key => $"{key.Version:X2}:{key.Identifier:X2}:{Convert.ToHexString(key.Value)}")).Append('\n');
        }

        return text.ToString();
    }

    private static SubscriberData ReadLine(string[] fields, int columns, int number)
    {
        if (fields.Length != columns)
        {
            throw new ProtocolException($"line {number} of the subscriber file has {fields.Length} fields instead of {columns}");
        }

        try
        {
            var isLong = fields.Length > 4;
            return new SubscriberData(
                ReadIccid(fields[0]), Imsi.Parse(fields[1]), AkaAlgorithm.Milenage, Convert.FromHexString(fields[2]), Convert.FromHexString(fields[3]))
            {
                Puk1 = isLong ? Code(fields[4]) : null,
                Adm1 = isLong ? Code(fields[5]) : null,
                OtaKeys = isLong ? [.. fields[6].Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Key)] : [],
            };
        }
        catch (FormatException)
        {
            throw new ProtocolException($"line {number} of the subscriber file has a key that is not hex");
        }
        catch (ProtocolException e)
        {
            throw new ProtocolException($"line {number} of the subscriber file: {e.Message}", e);
        }
    }

    /// <summary>18 to 20 digits, hexadecimal where the operator has such; a shorter one is a slip of the file.</summary>
    private static Iccid ReadIccid(string field) => field.Length >= 18 && Iccid.TryParse(field, out var iccid)
        ? iccid
        : throw new ProtocolException("an ICCID has 18 to 20 digits");

    private static PinCode? Code(string field) => field.Length == 0 ? null : PinCode.Parse(field);

    private static OtaKey Key(string field)
    {
        var parts = field.Split(':');
        return parts.Length == 3 && parts[0].Length == 2 && parts[1].Length == 2
            ? new OtaKey(Convert.FromHexString(parts[0])[0], Convert.FromHexString(parts[1])[0], Convert.FromHexString(parts[2]))
            : throw new ProtocolException("a key is not of the form version:identifier:key");
    }

    private static string Digits(PinCode? code) => code is null ? "" : Encoding.ASCII.GetString(code.Value.ToBytes().AsSpan().TrimEnd((byte)0xFF));
}

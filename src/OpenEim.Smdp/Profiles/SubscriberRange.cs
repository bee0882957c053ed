using System.Globalization;
using System.Security.Cryptography;
using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.ProfilePackages;

namespace OpenEim.Smdp.Profiles;

/// <summary>Generates subscribers: numbers from a range, random keys.</summary>
internal static class SubscriberRange
{
    private const int IccidDigits = 19;
    private const int ImsiDigits = 15;
    private const int KeyLength = 16;

    /// <exception cref="ProtocolException">The prefixes do not fit.</exception>
    public static void Check(ProfileTypeDefinition type)
    {
        if (type.IccidPrefix.Length is < 7 or > 13 || !type.IccidPrefix.All(char.IsAsciiDigit))
        {
            throw new ProtocolException("the beginning of an ICCID has 7 to 13 digits");
        }

        if (type.ImsiPrefix.Length is < 5 or > 8 || !type.ImsiPrefix.All(char.IsAsciiDigit))
        {
            throw new ProtocolException("the beginning of an IMSI has 5 to 8 digits");
        }
    }

    /// <summary>A subscriber without secrets, to find out with what a template leaves room for.</summary>
    public static SubscriberData Placeholder() => new(
        Iccid.Parse(new string('0', IccidDigits)), Imsi.Parse(new string('0', ImsiDigits)), AkaAlgorithm.Milenage, new byte[KeyLength], new byte[KeyLength]);

    /// <summary>Makes the subscriber of a number. OPc is random too: it hides OP, and any value is as good.</summary>
    /// <param name="type">Gives the prefixes.</param>
    /// <param name="number">The number in its range.</param>
    /// <param name="sample">A subscriber of the template: only what that has is made.</param>
    /// <exception cref="ProtocolException">The range is used up.</exception>
    public static SubscriberData Create(ProfileTypeRow type, long number, SubscriberData sample)
    {
        var iccid = type.IccidPrefix + Digits(number, IccidDigits - 1 - type.IccidPrefix.Length);
        var imsi = type.ImsiPrefix + Digits(number, ImsiDigits - type.ImsiPrefix.Length);
        var keys = RandomNumberGenerator.GetBytes(2 * KeyLength);
        try
        {
            return new SubscriberData(
                Iccid.WithCheckDigit(iccid), Imsi.Parse(imsi), AkaAlgorithm.Milenage, keys.AsSpan(0, KeyLength), keys.AsSpan(KeyLength))
            {
                Puk1 = sample.Puk1 is null ? null : RandomCode(),
                Adm1 = sample.Adm1 is null ? null : RandomCode(),
                OtaKeys = [.. sample.OtaKeys.Select(key => new OtaKey(key.Version, key.Identifier, RandomNumberGenerator.GetBytes(key.Value.Length)))],
            };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    private static PinCode RandomCode() => PinCode.Parse(RandomNumberGenerator.GetString("0123456789", PinCode.ByteLength));

    private static string Digits(long number, int count)
    {
        var text = number.ToString(CultureInfo.InvariantCulture).PadLeft(count, '0');
        return text.Length == count ? text : throw new ProtocolException("the number range of the profile type is used up");
    }
}

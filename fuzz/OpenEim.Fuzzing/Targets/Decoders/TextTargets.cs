using System.Text;
using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Smdp.Profiles;

namespace OpenEim.Fuzzing.Targets.Decoders;

/// <summary>What people and files write: activation codes, identifiers, subscriber files.</summary>
internal static class TextTargets
{
    public static IEnumerable<FuzzTarget> All() =>
    [
        Of("ActivationCode", "an activation code", ActivationCode.Parse, code => code.Text, code => code.ToString()),
        Of("SmdpAddress", "the address of an SM-DP+", ParseAddress, address => address.ToString(), address => _ = (address.Host, address.Port)),
        Of("EidText", "an EID in digits", Eid.Parse, eid => eid.ToString()),
        Of("IccidText", "an ICCID in digits", Iccid.Parse, iccid => iccid.ToString()),
        Of("ImsiText", "an IMSI in digits", Imsi.Parse, imsi => imsi.ToString()),
        Of("TransactionIdText", "a transaction id in hexadecimal digits", ParseTransaction, id => id.ToString()),
        Of("SubscriberFile", "a file of subscribers", SubscriberFile.Read, SubscriberFile.Write),
        new DecoderTarget<Eid>("EidBytes", InputKind.Ber, "an EID in bytes", input => Eid.FromBytes(input), eid => eid.ToBytes(), eid => Eid.Parse(eid.ToString())),
        new DecoderTarget<Iccid>("IccidBytes", InputKind.Ber, "an ICCID in bytes", input => Iccid.FromBytes(input), iccid => iccid.ToBytes(), SurvivesAsText),
        new DecoderTarget<Imsi>("ImsiBytes", InputKind.Ber, "an IMSI in bytes", input => Imsi.FromBytes(input), imsi => imsi.ToBytes(), imsi => Imsi.Parse(imsi.ToString())),
    ];

    private static DecoderTarget<T> Of<T>(string name, string description, Func<string, T> parse, Func<T, string> write, Action<T>? use = null) => new(
        name, InputKind.Text, description, input => parse(Encoding.UTF8.GetString(input)), value => Encoding.UTF8.GetBytes(write(value)), use);

    /// <summary>The REST API takes every ICCID that it shows.</summary>
    private static void SurvivesAsText(Iccid iccid)
    {
        if (!Iccid.TryParse(iccid.ToString(), out var again) || again != iccid)
        {
            throw new FindingException($"the ICCID {Convert.ToHexString(iccid.ToBytes())} is shown as {iccid}, which is not read back as the same");
        }
    }

    private static SmdpAddress ParseAddress(string text) => SmdpAddress.TryParse(text, out var address) ? address : throw new ProtocolException("no address");

    private static TransactionId ParseTransaction(string text) => TransactionId.TryParse(text, out var id) ? id : throw new ProtocolException("no transaction id");
}

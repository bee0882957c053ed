using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Protocol.Tests.Sgp22.Recorded;

/// <summary>The download in Vectors/download.txt, by the names of its lines. Nothing of it is checked here.</summary>
internal static class RecordedDownload
{
    private const string Loading = "es10b.loadBoundProfilePackage.";

    private static readonly Dictionary<string, byte[]> Values = Read();

    public static IEnumerable<string> Names => Values.Keys;

    public static TransactionId Transaction => TransactionId.FromBytes(Bytes("transactionId"));

    public static Eid Eid => Eid.FromBytes(Bytes("eid"));

    public static AuthenticateServerRequest AuthenticateServer => Message<AuthenticateServerRequest>("es10b.authenticateServer.request");

    public static AuthenticateResponseOk Authenticated => Message<AuthenticateServerResponse>("es10b.authenticateServer.response").Ok!;

    public static PrepareDownloadRequest PrepareDownload => Message<PrepareDownloadRequest>("es10b.prepareDownload.request");

    public static PrepareDownloadResponseOk Prepared => Message<PrepareDownloadResponse>("es10b.prepareDownload.response").Ok!;

    public static ReadOnlyMemory<byte> Package => Json(
        "es9plus.getBoundProfilePackage.response.json", Es9PlusJsonContext.Default.GetBoundProfilePackageResponseJson).ToOk().BoundProfilePackage;

    /// <summary>The commands of LoadBoundProfilePackage, and the card's answers.</summary>
    public static IReadOnlyList<(byte[] Command, byte[] Answer)> Segments =>
    [
        .. Enumerable.Range(1, Names.Count(IsSegment) / 2)
            .Select(number => Loading + number.ToString("D2", CultureInfo.InvariantCulture))
            .Select(name => (Bytes(name + ".request"), Bytes(name + ".response"))),
    ];

    public static ProfileInstallationResult Installed =>
        Assert.IsType<ProfileInstallationResult>(BerMessage.Decode<PendingNotification>(Segments[^1].Answer));

    public static bool IsSegment(string name) => name.StartsWith(Loading, StringComparison.Ordinal);

    public static byte[] Bytes(string name) => [.. Values[name]];

    public static string Text(string name) => Encoding.UTF8.GetString(Values[name]);

    public static string Hex(string name) => Convert.ToHexString(Values[name]);

    public static T Message<T>(string name) where T : IBerMessage<T> => BerMessage.Decode<T>(Bytes(name));

    public static T Json<T>(string name, JsonTypeInfo<T> type) where T : class => RspJson.Read(Values[name], type);

    public static EcPrivateKey Key(string name) => EcPrivateKey.FromPkcs8(Values[name]);

    public static OneTimeKey OneTimeKeyOf(string name) => OneTimeKey.Import(EcCurve.P256, Values[name]);

    private static Dictionary<string, byte[]> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("OpenEim.Protocol.Tests.Vectors.download.txt")!;
        using var reader = new StreamReader(stream);
        var values = new Dictionary<string, byte[]>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
                values.Add(name, name.EndsWith(".json", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(value) : Convert.FromHexString(value));
            }
        }

        return values;
    }
}

using System.Text;

namespace OpenEim.Tests.Downloads.Recorded;

/// <summary>A download as text: one named value a line, in hex, or as it is where it is JSON.</summary>
internal sealed class Recording
{
    private const string Header = """
        # One whole profile download (SGP.22 3.1.3), recorded once. DownloadReplayTests replays it, so that any change of encoding shows.
        #
        # Lines are "name: value". Values are hex; those of names that end in .json are the JSON text itself.
        #
        # All keys were made for this file and are nobody's: test keys, which anybody may know. So is the subscriber in the profile,
        # which is OpenEim's built-in one without PINs, DF.TELECOM and security domain, to keep this file small.
        #
        # Made by DownloadRecorder (tests/OpenEim.Tests/Downloads/Recorded), which replaces this file when it is told to:
        #   OPENEIM_RECORD=download OpenEim.Tests --filter-class "*DownloadRecorder"
        # A new recording changes nearly every line, since keys, challenges and signatures are random. It is right only when the wire format
        # was meant to change.
        #
        # The SM-DP+ and the eUICC are OpenEim's own, talking over HTTPS (ES9+, JSON) and APDUs (ES10b, STORE DATA; each answered 9000).
        # The SM-DP+'s one-time key never leaves it. Therefore the recorder opened the package that the SM-DP+ delivered, with the eUICC's
        # one-time key, and bound what was in it again: same ConfigureISDP, metadata, profile keys and profile package, the recorder's
        # one-time key, and a signature by the SM-DP+'s own CERT.DPpb. This package is the recorded one and the one that the eUICC installed;
        # the SM-DP+ accepted the eUICC's result. The JSON bodies are those that went over HTTPS, but for the answer with this package; the
        # messages of the ASN.1 binding say the same and were not sent.

        """;

    private readonly StringBuilder _text = new(Header.ReplaceLineEndings("\n"));

    public override string ToString() => _text.ToString();

    public void Section(string title) => _text.Append("\n# ").Append(title).Append('\n');

    public void Add(string name, ReadOnlySpan<byte> value) => Line(name, Convert.ToHexString(value));

    public void AddJson(string name, ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8);
        Assert.DoesNotContain('\n', text);
        Line(name + ".json", text);
    }

    private void Line(string name, string value) => _text.Append(name).Append(':').Append(value.Length > 0 ? " " : "").Append(value).Append('\n');
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using OpenEim.Fuzzing.Targets;
using OpenEim.Fuzzing.Targets.Listeners;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Fuzzing.Signed;

/// <summary>How long a run of signed messages lasts, and what it runs against.</summary>
/// <param name="Messages">Ends after so many signed messages.</param>
/// <param name="Time">Ends after this time.</param>
/// <param name="Seed">Makes the values repeatable.</param>
/// <param name="Devices">How many eUICCs.</param>
/// <param name="Database">A PostgreSQL; null for SQLite.</param>
internal sealed record SignedOptions(long Messages, TimeSpan Time, int Seed, int Devices, string? Database);

/// <summary>Many devices at once, whose cards sign odd values, before a whole eIM.</summary>
internal static class SignedRun
{
    private const int Workers = 16;
    private const int MostFindings = 30;

    /// <summary>Runs until messages or time are used up.</summary>
    /// <returns>How many distinct findings there were.</returns>
    public static async Task<int> RunAsync(SignedOptions options, TextWriter output)
    {
        var lab = await EimLab.StartAsync(options.Database).ConfigureAwait(false);
        await using (lab.ConfigureAwait(false))
        {
            using var http = new HttpClient { Timeout = HttpAnswers.Patience };
            var devices = await RegisterAsync(lab, http, options.Devices).ConfigureAwait(false);
            var findings = new Dictionary<string, string>(StringComparer.Ordinal);
            var begun = Stopwatch.GetTimestamp();
            var next = -1;
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(async worker =>
            {
                // Each worker has devices of its own, so that one device does one thing at a time.
                var own = devices.Where((_, index) => index % Workers == worker).ToList();
                while (own.Count > 0 && Stopwatch.GetElapsedTime(begun) < options.Time && devices.Sum(device => device.Messages) < options.Messages && findings.Count < MostFindings)
                {
                    var turn = Interlocked.Increment(ref next);
                    var at = turn % own.Count;
                    try
                    {
                        await own[at].RunOnceAsync(new Random(unchecked((options.Seed * 486_187_739) + turn))).ConfigureAwait(false);
                    }
                    catch (Exception e) when (e is FindingException or Protocol.ProtocolException or HttpRequestException)
                    {
                        Keep(findings, e, output);
                        own.RemoveAt(at);
                    }
                }
            })).ConfigureAwait(false);
            var (messages, seconds) = (devices.Sum(device => device.Messages), Stopwatch.GetElapsedTime(begun).TotalSeconds);
            devices.ForEach(device => device.Dispose());
            await CheckAsync(lab, options, findings, output).ConfigureAwait(false);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{messages} signed messages in {seconds:0} s, {messages / seconds:0}/s, {findings.Count} findings, seed {options.Seed}")).ConfigureAwait(false);
            return findings.Count;
        }
    }

    private static async Task CheckAsync(EimLab lab, SignedOptions options, Dictionary<string, string> findings, TextWriter output)
    {
        try
        {
            await (options.Database is null ? DatabaseCheck.RunAsync(lab.Data) : Task.CompletedTask).ConfigureAwait(false);
        }
        catch (FindingException e)
        {
            Keep(findings, e, output);
        }
    }

    /// <summary>One of each kind: numbers and bytes do not make a kind.</summary>
    private static void Keep(Dictionary<string, string> findings, Exception exception, TextWriter output)
    {
        var key = string.Concat(exception.Message.Split(';')[0].Where(c => !char.IsAsciiHexDigitUpper(c)).Take(90));
        lock (findings)
        {
            if (findings.TryAdd(key, exception.Message))
            {
                output.WriteLine($"FINDING: {exception.Message}");
            }
        }
    }

    private static async Task<List<SignedDevice>> RegisterAsync(EimLab lab, HttpClient http, int count)
    {
        var eids = Enumerable.Range(100, count).Select(number => Eid.Parse(string.Create(CultureInfo.InvariantCulture, $"89049032{number:D24}"))).ToList();
        var devices = new List<SignedDevice>();
        foreach (var chunk in eids.Chunk(50))
        {
            var answer = await lab.PostAsync("/api/v1/euicc", new JsonArray([.. chunk.Select(eid => (JsonNode)new JsonObject { ["eid"] = eid.ToString() })])).ConfigureAwait(false);
            devices.AddRange(answer.AsArray().Select((entry, index) => new SignedDevice(lab, http, new SignedCard(lab.Pki, chunk[index]), entry!["id"]!.GetValue<long>())));
        }

        return devices;
    }
}

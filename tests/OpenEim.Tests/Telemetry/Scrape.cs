using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenEim.Tests.Telemetry;

/// <summary>What a host's <c>/metrics</c> said, read as Prometheus reads it.</summary>
internal sealed partial class Scrape
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _samples = [];

    public IReadOnlyCollection<string> Names => _samples.Select(sample => sample.Name).ToHashSet();

    public string Text { get; private init; } = "";

    public static async Task<Scrape> ReadAsync(HttpClient client, Uri url)
    {
        var text = await client.GetStringAsync(new Uri(url, "/metrics"), TestContext.Current.CancellationToken);
        var scrape = new Scrape { Text = text };
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var match = Sample().Match(line);
            Assert.True(match.Success, line);
            var labels = Label().Matches(match.Groups["labels"].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value);
            scrape._samples.Add((match.Groups["name"].Value, labels, double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)));
        }

        return scrape;
    }

    /// <summary>Reads until a sum is what it should be: the answer may be some tenths of a second old, and what is measured in the background comes later.</summary>
    public static async Task<Scrape> UntilAsync(HttpClient client, Uri url, double expected, string name, params (string, string)[] labels)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var scrape = await ReadAsync(client, url);
            if (scrape.Sum(name, labels) == expected || deadline.IsCancellationRequested)
            {
                Assert.Equal(expected, scrape.Sum(name, labels));
                return scrape;
            }
        }
    }

    /// <summary>The sum of all series of a name that have these labels.</summary>
    public double Sum(string name, params (string Label, string Value)[] labels) => _samples
        .Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Label) == label.Value))
        .Sum(sample => sample.Value);

    [GeneratedRegex("^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\\{(?<labels>.*)\\})? (?<value>[^ ]+)( [0-9]+)?$")]
    private static partial Regex Sample();

    [GeneratedRegex("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Label();
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Device.Ipa;

/// <summary>How the world treats a virtual device.</summary>
/// <param name="Off">The device is off: it does nothing at all.</param>
/// <param name="DeadProfiles">ICCIDs of the profiles with which no network is found; an asterisk at the end stands for any digits.</param>
/// <param name="DropEvery">Every n-th answer is lost: the request arrives, the answer does not. 0 for none.</param>
/// <param name="LatencyMs">How long each request takes on its way, in milliseconds.</param>
/// <param name="PowerCut">The power fails once, after the card has executed the next package or loaded the next profile, and before anybody hears of it.</param>
public sealed record NetworkSettings(
    bool Off = false, IReadOnlyList<string>? DeadProfiles = null, int DropEvery = 0, int LatencyMs = 0, bool PowerCut = false);

/// <summary>The network of one virtual device; what it does can be set while the device runs, in code or in a file.</summary>
public sealed class SimulatedNetwork
{
    private readonly string? _path;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private NetworkSettings _settings;
    private DateTime _fileTime;
    private int _answers;

    /// <summary>Makes a network that is set in code.</summary>
    public SimulatedNetwork(NetworkSettings settings, ILogger logger) : this(settings, null, logger)
    {
    }

    /// <summary>Makes a network that also follows a JSON file, which is written when it is not there yet.</summary>
    public SimulatedNetwork(NetworkSettings settings, string? path, ILogger logger)
    {
        (_settings, _path, _logger) = (settings, path, logger);
        if (path is not null && !File.Exists(path))
        {
            WriteFile(settings);
        }
    }

    /// <summary>The settings as they are now. Setting them changes the file too.</summary>
    public NetworkSettings Settings
    {
        get
        {
            lock (_gate)
            {
                ReadFileIfChanged();
                return _settings;
            }
        }

        set
        {
            lock (_gate)
            {
                _settings = value;
                if (_path is not null)
                {
                    WriteFile(value);
                }
            }
        }
    }

    /// <summary>Whether a device with this profile enabled finds a network.</summary>
    public bool Reaches(Iccid? profile)
    {
        var settings = Settings;
        return !settings.Off && profile?.ToString() is { } enabled && settings.DeadProfiles?.Any(dead => IsMeant(dead, enabled)) != true;
    }

    /// <summary>Counts one answer and tells whether it is one of those that get lost.</summary>
    internal bool LosesNextAnswer(int dropEvery) => dropEvery > 0 && Interlocked.Increment(ref _answers) % dropEvery == 0;

    private static bool IsMeant(string dead, string iccid) =>
        dead.EndsWith('*') ? iccid.StartsWith(dead[..^1], StringComparison.Ordinal) : dead == iccid;

    private void ReadFileIfChanged()
    {
        if (_path is null)
        {
            return;
        }

        var changed = File.GetLastWriteTimeUtc(_path);
        if (changed == _fileTime)
        {
            return;
        }

        try
        {
            var read = JsonSerializer.Deserialize(File.ReadAllBytes(_path), NetworkJson.Default.NetworkSettings);
            _settings = read ?? new NetworkSettings();
            _fileTime = changed;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            // A human is in the middle of editing: what was set before stays until the file is whole.
            IpaLog.NetworkFileUnreadable(_logger, _path, e.Message);
        }
    }

    private void WriteFile(NetworkSettings settings)
    {
        File.WriteAllBytes(_path!, JsonSerializer.SerializeToUtf8Bytes(settings, NetworkJson.Default.NetworkSettings));
        _fileTime = File.GetLastWriteTimeUtc(_path!);
    }
}

/// <summary>Lets real HTTP through when the simulated network reaches that far.</summary>
internal sealed class SimulatedNetworkHandler(
    SimulatedNetwork network, Func<Iccid?> profile, TimeProvider time, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var settings = network.Settings;
        if (settings.LatencyMs > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(settings.LatencyMs), time, cancellationToken).ConfigureAwait(false);
        }

        var enabled = profile();
        if (!network.Reaches(enabled))
        {
            throw new NoNetworkException(enabled is null ? "no profile is enabled" : $"profile {enabled} finds no network");
        }

        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!network.LosesNextAnswer(settings.DropEvery))
        {
            return response;
        }

        using (response)
        {
            // The server has done its work: only the way back fails.
            await response.Content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
        }

        throw new HttpRequestException(HttpRequestError.ResponseEnded, "the answer was lost on its way");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(NetworkSettings))]
internal sealed partial class NetworkJson : JsonSerializerContext;

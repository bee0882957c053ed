using System.Text.Json;
using System.Text.Json.Serialization;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>The little that an IPA must not forget: everything else is on the card.</summary>
/// <param name="PendingCause">Why the eUICC's state changed without the eIM; null once the eIM has heard of it.</param>
/// <param name="Download">The last profile download that an eIM has triggered.</param>
public sealed record IpaState(StateChangeCause? PendingCause = null, PendingDownload? Download = null);

/// <summary>A profile download, and how it ended.</summary>
/// <param name="EimId">The eIM that gave the trigger.</param>
/// <param name="Trigger">SHA-256 of the trigger, in hex: the activation code itself is a secret and not kept.</param>
/// <param name="TransactionId">The eIM's transaction, in hex.</param>
/// <param name="SmdpTransactionId">The SM-DP+'s, in hex, once the card gets the package.</param>
/// <param name="Answer">The ProfileDownloadTriggerResult (BF54), in hex, once there is one.</param>
/// <param name="IsDelivered">Whether the eIM has it.</param>
public sealed record PendingDownload(
    string EimId,
    string Trigger,
    string? TransactionId = null,
    string? SmdpTransactionId = null,
    string? Answer = null,
    bool IsDelivered = false);

/// <summary>Keeps the IPA's state.</summary>
public interface IIpaStateStore
{
    /// <summary>What was saved last, or the empty state.</summary>
    IpaState Load();

    /// <summary>Saves; when this returns the state survives a loss of power.</summary>
    void Save(IpaState state);
}

/// <summary>Keeps the IPA's state as long as the process lives.</summary>
public sealed class MemoryIpaStateStore : IIpaStateStore
{
    private IpaState _state = new();

    /// <inheritdoc/>
    public IpaState Load() => _state;

    /// <inheritdoc/>
    public void Save(IpaState state) => _state = state;
}

/// <summary>Keeps the IPA's state in a small JSON file beside the card; there is none while there is nothing to remember.</summary>
public sealed class FileIpaStateStore(string path) : IIpaStateStore
{
    /// <inheritdoc/>
    /// <exception cref="JsonException">Somebody has spoilt the file.</exception>
    public IpaState Load()
    {
        if (!File.Exists(path))
        {
            return new IpaState();
        }

        return JsonSerializer.Deserialize(File.ReadAllBytes(path), IpaStateJson.Default.IpaState) ?? new IpaState();
    }

    /// <inheritdoc/>
    public void Save(IpaState state)
    {
        // Written beside and moved over, so that a power cut leaves the old state or the new one.
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(file, state, IpaStateJson.Default.IpaState);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IpaState))]
internal sealed partial class IpaStateJson : JsonSerializerContext;

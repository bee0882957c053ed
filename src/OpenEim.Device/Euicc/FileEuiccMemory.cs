using System.Security.Cryptography;
using System.Text.Json;
using OpenEim.Device.Euicc.Memory;

namespace OpenEim.Device.Euicc;

/// <summary>A card's memory in a file of its own: versioned JSON, replaced atomically, readable by its owner alone as it holds the card's key.</summary>
/// <param name="path">The file; its directory must exist.</param>
public sealed class FileEuiccMemory(string path) : IEuiccMemory
{
    private readonly string _path = Path.GetFullPath(path);

    /// <summary>Whether a card was manufactured into this file.</summary>
    public bool Exists => File.Exists(_path);

    EuiccState? IEuiccMemory.Read()
    {
        if (!Exists)
        {
            return null;
        }

        var content = File.ReadAllBytes(_path);
        try
        {
            var state = JsonSerializer.Deserialize(content, EuiccStateJson.Default.EuiccState)
                ?? throw new InvalidDataException($"{_path} holds no card");
            return state.Version == EuiccState.CurrentVersion
                ? state
                : throw new InvalidDataException($"{_path} holds a card of format {state.Version}; this program reads format {EuiccState.CurrentVersion}");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{_path} is not a card's memory: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    void IEuiccMemory.Write(EuiccState state)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(state, EuiccStateJson.Default.EuiccState);
        var temporary = _path + ".new";
        try
        {
            using (var file = new FileStream(temporary, Options()))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static FileStreamOptions Options()
    {
        // A file left by a write that was cut off is overwritten; it was made with the same mode.
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}

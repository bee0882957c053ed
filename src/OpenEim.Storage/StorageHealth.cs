namespace OpenEim.Storage;

/// <summary>Whether a database takes writes, as those that failed have shown: for a full disk, a disk that fails, a damaged file.</summary>
/// <remarks>
/// A small write may fit where a larger one does not, so a failure counts for a while whatever succeeds meanwhile. After that a write for the
/// purpose decides. Safe to use from many threads.
/// </remarks>
internal sealed class StorageHealth(TimeProvider time)
{
    /// <summary>How long a failed write counts.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private string? _reason;
    private DateTimeOffset _failed;
    private DateTimeOffset _logged;
    private bool _isLasting;

    /// <summary>The last failure that nothing has refuted; null when all is well.</summary>
    public string? Reason => Volatile.Read(ref _reason);

    /// <summary>Whether that failure still counts without another look.</summary>
    public bool IsHeld
    {
        get
        {
            lock (_gate)
            {
                return _reason is not null && (_isLasting || time.GetUtcNow() - _failed < Hold);
            }
        }
    }

    /// <summary>The database could not be used.</summary>
    /// <param name="reason">A sentence.</param>
    /// <param name="isLasting">Whether it stays so until somebody mends it and starts the process anew.</param>
    /// <returns>Whether the log should hear of it: once in a while.</returns>
    public bool Failed(string reason, bool isLasting)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            _failed = now;
            _isLasting |= isLasting;
            if (_reason == reason && now - _logged < LogPause)
            {
                return false;
            }

            Volatile.Write(ref _reason, reason);
            _logged = now;
            return true;
        }
    }

    /// <summary>A write for the purpose has succeeded.</summary>
    public void Recovered()
    {
        lock (_gate)
        {
            if (!_isLasting)
            {
                Volatile.Write(ref _reason, null);
            }
        }
    }
}

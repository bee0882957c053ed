using System.Collections.Concurrent;
using OpenEim.Storage;

namespace OpenEim.Smdp.Profiles;

/// <summary>The profile types that downloads have met. A type never changes once it is added, but for the numbers that it has given out.</summary>
internal sealed class ProfileTypes
{
    private readonly ConcurrentDictionary<string, ProfileTypeRow> _known = new(StringComparer.Ordinal);

    /// <summary>The type of a profile in stock.</summary>
    public async ValueTask<ProfileTypeRow> GetAsync(DbSession session, string name) =>
        _known.TryGetValue(name, out var known)
            ? known
            : _known.GetOrAdd(name, (await ProfileTypeRow.FindAsync(session, name).ConfigureAwait(false))!);

    /// <summary>The type of a profile in stock, read alone.</summary>
    public ValueTask<ProfileTypeRow> GetAsync(Database database, string name, CancellationToken ct) =>
        _known.TryGetValue(name, out var known) ? new(known) : database.ReadAsync(session => GetAsync(session, name), ct);
}

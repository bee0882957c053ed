using System.Text.Json;
using OpenEim.Manager.Euiccs;

namespace OpenEim.Manager.Exchanges;

/// <summary>What a poll for a package that was delivered before comes to.</summary>
internal enum Turn
{
    /// <summary>The package is delivered again.</summary>
    Deliver,

    /// <summary>The package is held back; the poller is told that there is none.</summary>
    Held,

    /// <summary>The device has had its rounds and brought nothing that could be believed.</summary>
    GiveUp,
}

/// <summary>Who has got an exchange's package, and who does not get it again for a while (docs/decisions/0009).</summary>
/// <remarks>
/// A poller is known by its address. A hold keeps the package from all that comes from there, but not from a connection that was open
/// before and had no part in it: that may be the real device, beside the one for which the package is held.
/// </remarks>
internal sealed class Pollers
{
    private const int MostKept = 4;

    private readonly List<Poller> _all;

    private Pollers(List<Poller> all) => _all = all;

    /// <summary>Until when the package is held for anybody, in Unix milliseconds; null when it never was.</summary>
    public long? HeldUntil => _all.Exists(poller => poller.HeldUntil > 0) ? _all.Max(poller => poller.HeldUntil) : null;

    /// <summary>Whether anything has changed since it was read.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>Whether a round has ended since it was read because nobody answered.</summary>
    public bool HasEndedRound { get; private set; }

    /// <summary>The first delivery.</summary>
    public static Pollers First(EsipaCaller caller, long now)
    {
        var pollers = new Pollers([]);
        pollers.Of(caller.Address).Take(caller.Connection, now);
        return pollers;
    }

    /// <summary>Reads the column. What cannot be read is forgotten: it must not keep anybody from polling.</summary>
    public static Pollers Parse(string? text)
    {
        try
        {
            var read = text is null ? null : JsonSerializer.Deserialize(text, PollersJson.Default.ListPoller);
            return new Pollers(read?.OfType<Poller>().ToList() ?? []);
        }
        catch (JsonException)
        {
            return new Pollers([]);
        }
    }

    /// <summary>What the column holds.</summary>
    public string Format() => JsonSerializer.Serialize(_all, PollersJson.Default.ListPoller);

    /// <summary>Somebody polls for the package: whether he gets it.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="now">When, in Unix milliseconds.</param>
    /// <param name="options">How patient the eIM is.</param>
    /// <param name="isOver">Whether a poller has had all his rounds.</param>
    public Turn Poll(EsipaCaller caller, long now, EimOptions options, Func<Poller, bool> isOver)
    {
        var poller = Of(caller.Address);
        if (IsHeld(poller, now, options) && IsAnother(caller, poller))
        {
            poller = Of(KeyOf(caller));
        }

        var isHeld = IsHeld(poller, now, options);
        if (isOver(poller))
        {
            return Turn.GiveUp;
        }

        if (isHeld)
        {
            return Turn.Held;
        }

        poller.Take(caller.Connection, now);
        HasChanged = true;
        return Turn.Deliver;
    }

    /// <summary>Whether the package is held back from the caller: then nothing is expected from him that proves nothing.</summary>
    public bool IsHeld(EsipaCaller caller, long now, EimOptions options) =>
        _all.Find(known => known.From == KeyOf(caller)) is { } own ? own.IsHeld(now, options)
        : _all.Find(known => known.From == caller.Address) is { } address && address.IsHeld(now, options) && !IsAnother(caller, address);

    /// <summary>Somebody has answered with what proves nothing. While he is held, it counts no further.</summary>
    public void Refuse(EsipaCaller caller, long now, EimOptions options)
    {
        var poller = _all.Find(known => known.From == KeyOf(caller)) ?? Of(caller.Address);
        if (!poller.IsHeld(now, options))
        {
            poller.Refuse(caller.Connection, now, options);
            HasChanged = true;
        }
    }

    private static string KeyOf(EsipaCaller caller) => $"{caller.Address}#{caller.Connection}";

    private static bool IsAnother(EsipaCaller caller, Poller poller) => caller.IsEstablished && !poller.Connections.Contains(caller.Connection);

    private bool IsHeld(Poller poller, long now, EimOptions options)
    {
        if (poller.EndSilentRound(options))
        {
            HasChanged = HasEndedRound = true;
        }

        return poller.IsHeld(now, options);
    }

    private Poller Of(string from)
    {
        if (_all.Find(poller => poller.From == from) is { } known)
        {
            return known;
        }

        if (_all.Count == MostKept)
        {
            _all.Remove(_all.MinBy(poller => poller.Last)!);
        }

        var added = new Poller { From = from };
        _all.Add(added);
        HasChanged = true;
        return added;
    }
}

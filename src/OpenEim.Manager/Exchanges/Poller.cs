using System.Text.Json.Serialization;

namespace OpenEim.Manager.Exchanges;

/// <summary>One poller of an exchange: how often it has got the package, and until when it does not get it again.</summary>
internal sealed class Poller
{
    private const long Minute = 60_000; // milliseconds
    private const int MostDoublings = 30;

    /// <summary>How many deliveries without an answer that could be believed end a round.</summary>
    public const int DeliveriesOfRound = 3;

    /// <summary>An address, or an address and a connection.</summary>
    public required string From { get; init; }

    /// <summary>Deliveries in this round.</summary>
    public int Count { get; set; }

    /// <summary>The round's first delivery, in Unix milliseconds.</summary>
    public long First { get; set; }

    /// <summary>The last delivery, in Unix milliseconds.</summary>
    public long Last { get; set; }

    /// <summary>Rounds that have ended without an answer that could be believed.</summary>
    public int Rounds { get; set; }

    /// <summary>How many of them ended with an answer that proves nothing.</summary>
    public int Refusals { get; set; }

    /// <summary>Until when it does not get the package, in Unix milliseconds.</summary>
    public long HeldUntil { get; set; }

    /// <summary>The connections that have got the package in this round, or have answered it.</summary>
    public List<string> Connections
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>Whether it does not get the package now. A hold longer than the longest was set by a clock that was ahead, and is over.</summary>
    public bool IsHeld(long now, EimOptions options) =>
        HeldUntil > now && HeldUntil <= Times.BelievedAt(now) + (long)options.HoldLimit.TotalMilliseconds;

    /// <summary>It gets the package.</summary>
    public void Take(string connection, long now)
    {
        Begin(now);
        Count++;
        Last = now;
        Add(connection);
    }

    /// <summary>It has answered, and the answer proves nothing.</summary>
    public void Refuse(string connection, long now, EimOptions options)
    {
        Begin(now);
        Add(connection);
        Refusals++;
        EndRound(now, options);
    }

    /// <summary>Ends the round if it is over: three deliveries and no answer. One that polls slowly has waited long enough by itself.</summary>
    /// <returns>Whether the round has ended now.</returns>
    public bool EndSilentRound(EimOptions options)
    {
        if (Count < DeliveriesOfRound)
        {
            return false;
        }

        EndRound(Last - First <= Minute ? Last : First, options);
        return true;
    }

    private void Begin(long now)
    {
        if (Count == 0)
        {
            First = now;
            Connections.Clear();
        }
    }

    private void Add(string connection)
    {
        if (Connections.Count < DeliveriesOfRound + 1 && !Connections.Contains(connection))
        {
            Connections.Add(connection);
        }
    }

    private void EndRound(long from, EimOptions options)
    {
        Rounds++;
        Count = 0;
        var hold = options.Hold.TotalMilliseconds * Math.Pow(2, Math.Min(Rounds - 1, MostDoublings));
        HeldUntil = from + (long)Math.Min(hold, options.HoldLimit.TotalMilliseconds);
    }
}

/// <summary>Pollers as the column <c>exchange.pollers</c> holds them.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<Poller>))]
internal sealed partial class PollersJson : JsonSerializerContext;

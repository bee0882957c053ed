using OpenEim.Manager.Euiccs;
using OpenEim.Protocol.Identifiers;
using OpenEim.Storage;

namespace OpenEim.Tests.Packages;

/// <summary>Registers, removes and changes eUICCs of two organisations at random, over ids that have gaps of all sizes, and remembers what must be there.</summary>
internal sealed class RandomFleet(Database database, int seed)
{
    public static readonly int[] Types = [1, 4, 5];

    private static readonly long[] Gaps = [0, 0, 3, 200, 5_000, 70_000, 20_000_000];

    private readonly EuiccDirectory _directory = new(database, TimeProvider.System, "eim.test", _ => null);
    private readonly EuiccRecords _records = new(database, new EuiccIds(), TimeProvider.System);
    private int _registered;

    /// <summary>All that there are, by id.</summary>
    public SortedDictionary<long, Member> Members { get; } = [];

    public Random Random { get; } = new(seed);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async Task RegisterAsync(int count)
    {
        await database.WriteAsync(
            session => session.ExecuteAsync("UPDATE sequence SET last = last + @gap WHERE name = 'euicc'", new { gap = Gaps[Random.Next(Gaps.Length)] }), Ct);
        var organisation = Random.Next(1, 3);
        var registrations = Enumerable.Range(0, count).Select(_ => new EuiccRegistration
        {
            Eid = Eid.Parse($"8904903{seed:D9}{Random.Next(1_000_000):D6}{++_registered:D10}"),
            SupportedProfileType = Types[Random.Next(Types.Length)],
        }).ToList();
        foreach (var entry in await _directory.RegisterAsync(organisation, registrations, ct: Ct))
        {
            Members.Add(entry.Id, new Member(organisation, entry.Eid, entry.SupportedProfileType));
        }
    }

    public async Task RemoveAsync()
    {
        var (id, member) = Any();
        Assert.Equal(EuiccChangeOutcome.Done, await _records.RemoveAsync(member.Organisation, id, Ct));
        Members.Remove(id);
    }

    public async Task ChangeAsync()
    {
        var (id, member) = Any();
        var type = Types[Random.Next(Types.Length)];
        var change = new EuiccChange { SupportedProfileType = type, ChangesName = true, Name = $"of type {type}" };
        Assert.Equal(EuiccChangeOutcome.Done, await _records.ChangeAsync(member.Organisation, id, change, Ct));
        Members[id] = member with { Type = type };
    }

    private KeyValuePair<long, Member> Any() => Members.ElementAt(Random.Next(Members.Count));

    public sealed record Member(long Organisation, Eid Eid, int Type);
}

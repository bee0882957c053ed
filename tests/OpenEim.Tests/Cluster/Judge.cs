using System.Globalization;
using OpenEim.Device.Euicc;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Cluster;

/// <summary>Compares what was asked for, what the cards say of themselves, and what the eIM and the SM-DP+ have in their books.</summary>
/// <remarks>The cards are the truth about what was executed, the plan about what was wanted; the books must agree with both.</remarks>
internal sealed partial class Judge(Plan plan, IReadOnlyList<CardModel> models, IReadOnlyList<EuiccSnapshot> cards, Books books)
{
    private const int EuiccPackage = 0x51;
    private const int DownloadTrigger = 0x54;

    private readonly List<string> _wrong = [];

    private readonly ILookup<string, ExchangeRow> _exchanges = books.Exchanges.ToLookup(row => row.Eid);
    private readonly ILookup<string, NotificationRow> _notifications = books.Notifications.ToLookup(row => row.Eid);
    private readonly ILookup<string, ProfileRow> _profiles = books.Profiles.ToLookup(row => row.Eid);
    private readonly ILookup<string, string> _smdpNotifications = books.SmdpNotifications.ToLookup(row => row.Eid, row => row.Sha256);
    private readonly HashSet<string> _fromSmdp = [.. books.SmdpProfiles.Select(row => row.Iccid)];

    /// <summary>Everything that is wrong, in words; nothing where all is right.</summary>
    public IReadOnlyList<string> Verdict()
    {
        JudgeOperations();
        var euiccs = books.Euiccs.ToDictionary(row => row.Eid);
        for (var index = 0; index < cards.Count; index++)
        {
            var card = cards[index];
            if (!euiccs.TryGetValue(card.Eid.ToString(), out var euicc))
            {
                Wrong(card, "the eIM does not know it");
                continue;
            }

            JudgeRest(card, euicc);
            JudgePackages(card, euicc);
            JudgeSequence(card);
            JudgeNotifications(card);
            JudgeProfiles(card, models[index]);
        }

        JudgeStock();
        return _wrong;
    }

    /// <summary>Every operation that was scheduled is there, once, and has ended as it had to.</summary>
    private void JudgeOperations()
    {
        var planned = plan.Operations.ToDictionary(operation => operation.Id);
        var found = books.Operations.ToDictionary(row => row.Id);
        foreach (var operation in planned.Values)
        {
            if (!found.TryGetValue(operation.Id, out var row))
            {
                Wrong(cards[operation.Device], $"operation {operation.Id} ({operation.What}) is lost");
            }
            else if (!operation.Ends.Contains(row.End) || !row.IsFinal)
            {
                Wrong(cards[operation.Device], $"operation {operation.Id} ({operation.What}) is {row.End}, not {string.Join(" or ", operation.Ends)}");
            }
        }

        _wrong.AddRange(books.Operations.Where(row => !planned.ContainsKey(row.Id)).Select(row => $"{row.Eid}: operation {row.Id} was scheduled by nobody"));
        JudgeExchangesOfOperations(found);
    }

    /// <summary>What was never to be done was never sent; everything else was packed once for each of its steps.</summary>
    private void JudgeExchangesOfOperations(Dictionary<Guid, OperationRow> operations)
    {
        var exchanges = books.Exchanges.Where(row => row.Operation is not null).ToLookup(row => row.Operation!.Value);
        foreach (var (id, operation) in operations)
        {
            var mine = exchanges[id].ToList();
            if (operation.End is PlannedOperation.Expired or PlannedOperation.Canceled or PlannedOperation.Contradicted && mine.Count > 0)
            {
                _wrong.Add($"{operation.Eid}: operation {id} is {operation.End} and yet was sent");
            }

            foreach (var twice in mine.GroupBy(row => (row.Step, row.Kind)).Where(group => group.Count() > 1))
            {
                _wrong.Add($"{operation.Eid}: operation {id} has {twice.Count()} exchanges of kind {twice.Key.Kind:X} in step {twice.Key.Step}");
            }
        }
    }

    private void JudgeRest(EuiccSnapshot card, EuiccRow euicc)
    {
        Expect(card, "pending operations and tasks at the eIM", 0, euicc.PendingCount + euicc.Tasks);
        Expect(card, "exchanges in flight", false, euicc.IsInFlight);
        Expect(card, "results that the card keeps", 0, card.PendingResults);
        Expect(card, "notifications that the card keeps", 0, card.PendingNotifications);
    }

    /// <summary>Counters without a gap; each package run once, as it stands in the books; its result as the card has signed it.</summary>
    private void JudgePackages(EuiccSnapshot card, EuiccRow euicc)
    {
        var sent = _exchanges[card.Eid.ToString()].Where(row => row.Kind == EuiccPackage).OrderBy(row => row.Counter).ToList();
        var run = card.Journal!.Packages.Where(package => package.Refusal is null).ToList();
        var count = Enumerable.Range(1, sent.Count).Select(number => (long)number).ToList();
        ExpectAll(card, "counters of packages made", count, sent.Select(row => row.Counter ?? 0));
        ExpectAll(card, "counters of packages run", count, run.Select(package => package.Counter));
        Expect(card, "the eIM's counter", sent.Count, euicc.Counter);
        Expect(card, "the card's counter", sent.Count, card.Eims[0].Counter);
        Expect(card, "packages that the card has run", sent.Count, card.ExecutedPackages);
        ExpectAll(card, "bytes of packages", sent.Select(row => row.RequestSha256), run.Select(package => package.Sha256));
        foreach (var refused in card.Journal.Packages.Where(package => package.Refusal is not null))
        {
            // The same package again, after its result was acknowledged, is harmless; anything else under a used counter is not.
            var isRepeated = refused.Refusal == EuiccPackageErrorCode.ReplayError && run.Any(package => package.Counter == refused.Counter && package.Sha256 == refused.Sha256);
            Expect(card, $"a package with counter {refused.Counter} that the card refused with {refused.Refusal} was a repetition", true, isRepeated);
        }

        JudgeResults(card, sent);
    }

    private void JudgeResults(EuiccSnapshot card, List<ExchangeRow> sent)
    {
        var signed = card.Journal!.Issued.Where(item => item.Event is null).Select(item => item.Sha256).ToHashSet();
        var taken = sent.Select(row => row.ResponseSha256).ToList();
        Expect(card, "packages without a result", 0, taken.Count(result => result is null));
        Expect(card, "results that the card has not signed", 0, taken.Count(result => result is not null && !signed.Contains(result)));
        Expect(card, "different results", taken.Count, taken.Distinct().Count());

        // A rollback puts a second result in the place of the first.
        var rolledBack = books.Operations.Count(row => row.Eid == card.Eid.ToString() && row.End == PlannedOperation.RolledBack);
        Expect(card, "results that another has replaced", rolledBack, signed.Count - taken.Count);

        // Once its package has left, a download may end by notifications and the signed list: a device that lost its power answers no trigger.
        Expect(card, "exchanges without an answer", 0, _exchanges[card.Eid.ToString()].Count(row => !row.IsAnswered && row.Kind != DownloadTrigger));
    }

    private void JudgeSequence(EuiccSnapshot card)
    {
        var numbers = Enumerable.Range(1, (int)card.NextSequenceNumber - 1).Select(number => (long)number);
        ExpectAll(card, "sequence numbers", numbers, card.Journal!.Issued.Select(item => item.SequenceNumber));
    }

    /// <summary>Every notification that the card has signed is at the eIM once, and at the SM-DP+ once where that knows the profile.</summary>
    private void JudgeNotifications(EuiccSnapshot card)
    {
        var eid = card.Eid.ToString();
        var signed = card.Journal!.Issued.Where(item => item.Event is not null).Select(item => $"{item.SequenceNumber} {item.Sha256[..8]}");
        var stored = _notifications[eid].OrderBy(row => row.SequenceNumber).ToList();
        ExpectAll(card, "notifications", signed, stored.Select(row => $"{row.SequenceNumber} {row.Sha256[..8]}"));
        Expect(card, "notifications not forwarded", 0, stored.Count(row => !row.IsForwarded));
        ExpectAll(
            card,
            "notifications at the SM-DP+",
            stored.Where(row => row.Iccid is { } iccid && _fromSmdp.Contains(iccid)).Select(row => row.Sha256[..8]).Order(),
            _smdpNotifications[eid].Select(digest => digest[..8]).Order());
    }

    private void JudgeProfiles(EuiccSnapshot card, CardModel model)
    {
        ExpectAll(card, "profiles on the card", model.All.Select(iccid => iccid.ToString()).Order(), card.Profiles.Select(profile => profile.Iccid.ToString()).Order());
        Expect(card, "enabled profile", model.Enabled, card.EnabledProfile);
        Expect(card, "fallback profile", model.Fallback, card.FallbackProfile);
        var told = card.Profiles.Select(profile => Describe(
            profile.Iccid.ToString(), profile.State == ProfileState.Enabled, profile.FallbackAttribute)).Order();
        var known = _profiles[card.Eid.ToString()].Where(row => row.Status is 7 or 8).Select(row => Describe(row.Iccid, row.Status == 8, row.IsFallback)).Order();
        ExpectAll(card, "profiles in the eIM's books", told, known);
    }

    private static string Describe(string iccid, bool isEnabled, bool isFallback) => $"{iccid} {(isEnabled ? "enabled" : "installed")}{(isFallback ? " fallback" : "")}";

    private void Expect<T>(EuiccSnapshot card, string what, T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            Wrong(card, $"{what}: {actual}, not {expected}");
        }
    }

    private void ExpectAll<T>(EuiccSnapshot card, string what, IEnumerable<T> expected, IEnumerable<T> actual) =>
        Expect(card, what, string.Join(", ", expected), string.Join(", ", actual));

    private void Wrong(EuiccSnapshot card, string what) => _wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{card.Eid}: {what}"));
}

using OpenEim.Fuzzing.Targets.Decoders;
using OpenEim.Fuzzing.Targets.Devices;
using OpenEim.Fuzzing.Targets.Listeners;

namespace OpenEim.Fuzzing.Targets;

/// <summary>All targets.</summary>
internal static class TargetList
{
    /// <summary>Makes all targets; they start when they are first run.</summary>
    public static IReadOnlyList<FuzzTarget> All() =>
    [
        .. BerTargets.All(), .. JsonTargets.All(), .. TextTargets.All(), .. SecurityTargets.All(),
        new CardApdusTarget(), new CardMessageTarget(), new CardPackageTarget(), new IpaCardTarget(), new IpaServersTarget(indirect: true), new IpaServersTarget(indirect: false),
        new EsipaAsn1Target(), new EsipaJsonTarget(), new RestTarget(), new Es9PlusAsn1Target(), new Es9PlusJsonTarget(), new Es2PlusTarget(),
    ];

    /// <summary>The target with a name; null when there is none.</summary>
    public static FuzzTarget? Find(string name) => All().FirstOrDefault(target => target.Name == name);
}

using OpenEim.Demo;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Tests.Cluster;

/// <summary>What a card must look like after the operations that were scheduled on it, worked out from the contract and the standard alone.</summary>
internal sealed class CardModel(int device)
{
    private readonly List<Iccid> _profiles = [DemoFleet.IccidOf(device, 1), DemoFleet.IccidOf(device, 2), DemoFleet.IccidOf(device, 3)];

    /// <summary>A profile that finds no network.</summary>
    public Iccid Dead { get; } = DemoFleet.IccidOf(device, 4);

    /// <summary>A profile that the card never had.</summary>
    public Iccid Unknown { get; } = DemoFleet.IccidOf(device, 9);

    public Iccid Enabled { get; set; } = DemoFleet.IccidOf(device, 1);

    public Iccid? Fallback { get; private set; }

    /// <summary>The profiles that came by download, and are not enabled.</summary>
    public IEnumerable<Iccid> Deletable => _profiles.Skip(3).Where(iccid => iccid != Enabled);

    /// <summary>The profiles with a network that are not enabled.</summary>
    public IReadOnlyList<Iccid> Others => [.. _profiles.Where(iccid => iccid != Enabled)];

    /// <summary>All profiles on the card.</summary>
    public IEnumerable<Iccid> All => _profiles.Append(Dead);

    public void Add(Iccid iccid) => _profiles.Add(iccid);

    public void Delete(Iccid iccid)
    {
        _profiles.Remove(iccid);
        Fallback = Fallback == iccid ? null : Fallback;
    }

    /// <summary>Makes a profile the fallback one, if the card does.</summary>
    /// <returns>How the operation ends.</returns>
    public string SetFallback(Iccid iccid)
    {
        if (iccid == Dead)
        {
            return "Failed 1402";
        }

        if (iccid == Enabled || Fallback == Enabled)
        {
            return "Failed 1403";
        }

        Fallback = iccid;
        return PlannedOperation.Succeeded;
    }

    /// <summary>Takes the fallback attribute away, if the card does.</summary>
    /// <returns>How the operation ends.</returns>
    public string UnsetFallback()
    {
        if (Fallback is null)
        {
            return "Failed 1502";
        }

        if (Fallback == Enabled)
        {
            return "Failed 1503";
        }

        Fallback = null;
        return PlannedOperation.Succeeded;
    }
}

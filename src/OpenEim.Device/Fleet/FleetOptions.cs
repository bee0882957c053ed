using OpenEim.Device.Euicc;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Device.Fleet;

/// <summary>What a fleet of virtual devices is made of, and how it polls.</summary>
public sealed record FleetOptions
{
    /// <summary>Where the devices live, a folder for each; null for devices that live as long as the process.</summary>
    public string? Folder { get; init; }

    /// <summary>How many devices.</summary>
    public int Count { get; init; } = 20;

    /// <summary>The EID of the first device; the others follow.</summary>
    public Eid FirstEid { get; init; } = Eid.Parse("89049032000000000000000000000001");

    /// <summary>The profiles that the n-th device, counted from 0, leaves the factory with.</summary>
    public required Func<int, IReadOnlyList<ManufacturedProfile>> Profiles { get; init; }

    /// <summary>The cards' keys and certificates.</summary>
    public required CardPki Pki { get; init; }

    /// <summary>DER of the AddInitialEimRequest (BF57) that the factory loads into each card.</summary>
    public required ReadOnlyMemory<byte> EimConfiguration { get; init; }

    /// <summary>Non-volatile memory of each card for downloaded profiles, in bytes.</summary>
    public int MemorySize { get; init; } = EuiccManufacture.DefaultMemorySize;

    /// <summary>The version of SGP.32 that new cards speak, and the IPAs too unless <see cref="IpaOptions.Sgp32"/> says otherwise.</summary>
    public Sgp32Version Sgp32 { get; init; } = Sgp32Version.V12;

    /// <summary>Whether the cards keep a journal of what they do, which grows with it.</summary>
    public bool KeepsJournal { get; init; }

    /// <summary>Default SM-DP+ address on the cards.</summary>
    public string? DefaultSmdpAddress { get; init; }

    /// <summary>Root SM-DS address on the cards.</summary>
    public string? RootSmdsAddress { get; init; }

    /// <summary>The network that new devices begin with.</summary>
    public NetworkSettings Network { get; init; } = new();

    /// <summary>How the IPAs behave.</summary>
    public IpaOptions Ipa { get; init; } = new();

    /// <summary>The pause between two polls of a device.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How much the pause varies, as a part of it: 0.2 for plus or minus 20 %. The first poll comes at a random moment within the pause; with 0 everything comes at once.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>How many devices may poll at the same moment.</summary>
    public int MaxConcurrency { get; init; } = 64;

    /// <summary>Whether all devices share one pool of connections to each eIM, instead of connecting each for itself.</summary>
    public bool ShareConnections { get; init; }

    /// <summary>The EID of the n-th device, counted from 0.</summary>
    public Eid EidOf(int index) =>
        Eid.Parse((UInt128.Parse(FirstEid.ToString(), null) + (UInt128)(uint)index).ToString("D32", null));
}

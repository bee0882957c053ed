using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OpenEim.Device.Euicc;
using OpenEim.Device.Ipa;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Fleet;

/// <summary>Makes the devices of a fleet, or finds them in their folders.</summary>
internal sealed class DeviceFactory(FleetOptions options, EimConnections? connections, TimeProvider time, ILogger logger)
{
    private readonly IReadOnlyList<EimConfigurationData> _eims = BerMessage.Decode<AddInitialEimRequest>(options.EimConfiguration).Eims;

    // A device trusts the SM-DP+s that its card would, unless it is told otherwise.
    private readonly IpaOptions _ipa = options.Ipa with
    {
        Sgp32 = options.Ipa.Sgp32 ?? options.Sgp32,
        SmdpRoots = options.Ipa.SmdpRoots.Count > 0 ? options.Ipa.SmdpRoots : options.Pki.Roots,
    };

    /// <summary>Makes or finds the n-th device.</summary>
    public VirtualDevice Make(int index)
    {
        var eid = options.EidOf(index);
        if (options.Folder is null)
        {
            var memory = new VolatileEuiccMemory();
            Manufacture(eid, index, memory);
            return Assemble(memory, new MemoryIpaStateStore(), new SimulatedNetwork(options.Network, logger));
        }

        var folder = Path.Combine(options.Folder, eid.ToString());
        Directory.CreateDirectory(folder);
        var file = new FileEuiccMemory(Path.Combine(folder, "card.json"));
        if (!file.Exists)
        {
            Manufacture(eid, index, file);
        }

        return Assemble(
            file,
            new FileIpaStateStore(Path.Combine(folder, "ipa.json")),
            new SimulatedNetwork(options.Network, Path.Combine(folder, "network.json"), logger));
    }

    private VirtualDevice Assemble(IEuiccMemory memory, IIpaStateStore state, SimulatedNetwork network) =>
        new(memory, state, network, connections, _ipa, time, logger);

    private void Manufacture(Eid eid, int index, IEuiccMemory memory)
    {
        var (key, certificate) = options.Pki.Make(eid);
        try
        {
            using var card = VirtualEuicc.Manufacture(
                new EuiccManufacture
                {
                    Eid = eid,
                    PrivateKey = key,
                    EuiccCertificate = certificate.Encoded,
                    EumCertificate = options.Pki.Eum.Encoded,
                    CiKeyIds = [.. options.Pki.Roots.Select(root => (ReadOnlyMemory<byte>)root.PublicKey.KeyIdentifier())],
                    CiCertificates = [.. options.Pki.Roots.Select(root => root.Encoded)],
                    Sgp32 = options.Sgp32,
                    MemorySize = options.MemorySize,
                    KeepsJournal = options.KeepsJournal,
                    Profiles = options.Profiles(index),
                    DefaultSmdpAddress = options.DefaultSmdpAddress,
                    RootSmdsAddress = options.RootSmdsAddress,
                    Eims = _eims,
                },
                memory);
            FleetLog.Manufactured(logger, eid);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}

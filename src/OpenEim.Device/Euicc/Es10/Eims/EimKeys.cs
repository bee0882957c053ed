using System.Collections.Concurrent;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Protocol.Security;

namespace OpenEim.Device.Euicc.Es10.Eims;

/// <summary>The eIMs' keys, ready to verify with. All cards of a virtual fleet share them, as a fleet has one eIM and importing a key costs as much as a signature.</summary>
internal static class EimKeys
{
    private const int MaxKeys = 256;

    private static readonly ConcurrentDictionary<string, EcPublicKey> Keys = new();

    public static EcPublicKey Of(StoredEim eim)
    {
        var name = Convert.ToBase64String(eim.PublicKey);
        if (Keys.TryGetValue(name, out var known))
        {
            return known;
        }

        if (Keys.Count >= MaxKeys)
        {
            Keys.Clear();
        }

        return Keys.GetOrAdd(name, EcPublicKey.FromSubjectPublicKeyInfo(eim.PublicKey));
    }
}

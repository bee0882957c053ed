using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>One eIM of the card, and the way to it.</summary>
internal sealed class EimSession(EimConfigurationData eim, EsipaClient client) : IDisposable
{
    public EimConfigurationData Eim { get; } = eim;

    public EsipaClient Client { get; } = client;

    /// <summary>False once everything that the card kept for this eIM is known to be delivered, which spares a poll two card commands.</summary>
    public bool MayHavePending { get; set; } = true;

    public void Dispose() => Client.Dispose();
}

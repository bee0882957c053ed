using OpenEim.Device.Euicc.Es10.Downloads;
using OpenEim.Device.Euicc.Memory;
using OpenEim.Device.Transports;
using OpenEim.Protocol.Security;

namespace OpenEim.Device.Euicc;

/// <summary>What the card's commands work on: the state, the way to change it, and the card's key.</summary>
/// <remarks>Used under the card's lock only.</remarks>
internal sealed class EuiccCore(IEuiccMemory memory, EuiccState state) : IDisposable
{
    private EcPrivateKey? _key;
    private RspTrust? _trust;

    /// <summary>What is in non-volatile memory.</summary>
    public EuiccState State { get; private set; } = state;

    /// <summary>See <see cref="VirtualEuicc.PowerFailure"/>.</summary>
    public Func<PowerFailurePoint, bool>? PowerFailure { get; set; }

    /// <summary>See <see cref="VirtualEuicc.ProactiveRefreshPending"/>.</summary>
    public bool RefreshPending { get; private set; }

    /// <summary>The download that is under way; it does not survive a loss of power.</summary>
    public DownloadSession? Session { get; private set; }

    /// <summary>What was installed since the card got its power, and may be enabled at once.</summary>
    public InstalledProfile? JustInstalled { get; set; }

    /// <summary>Decides which SM-DP+s are believed.</summary>
    public RspTrust Trust => _trust ??= new RspTrust(Identity.CiCertificates.Select(certificate => RspCertificate.Parse(certificate)));

    /// <summary>What never changes.</summary>
    public EuiccIdentity Identity => State.Identity;

    /// <summary>Writes the next state before anything of it can leave the card.</summary>
    /// <param name="next">The whole next state.</param>
    /// <param name="refresh">Whether the device shall start the newly enabled profile.</param>
    /// <exception cref="CardRemovedException">The power fails.</exception>
    public void Commit(EuiccState next, bool refresh = false)
    {
        CutPowerAt(PowerFailurePoint.BeforeWrite);
        memory.Write(next);
        State = next;
        RefreshPending |= refresh;
        CutPowerAt(PowerFailurePoint.AfterWrite);
    }

    /// <summary>Signs with the card's key: raw r‖s.</summary>
    /// <remarks>The key is read when it is first needed: most cards of a large fleet only ever poll.</remarks>
    public byte[] Sign(ReadOnlySpan<byte> data) => (_key ??= EcPrivateKey.FromPkcs8(Identity.PrivateKey)).Sign(data);

    /// <summary>Begins a session, or ends the one that there is.</summary>
    public void ChangeSession(DownloadSession? next)
    {
        Session?.Dispose();
        Session = next;
    }

    /// <summary>Power on: what is volatile is gone.</summary>
    public void Reset()
    {
        RefreshPending = false;
        JustInstalled = null;
        ChangeSession(null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _key?.Dispose();
        ChangeSession(null);
    }

    private void CutPowerAt(PowerFailurePoint point)
    {
        if (PowerFailure?.Invoke(point) == true)
        {
            throw new CardRemovedException();
        }
    }
}

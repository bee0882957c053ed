using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>What the card remembers of an RSP session, from GetEUICCChallenge on (SGP.22 5.7.5 to 5.7.7, 5.7.13). Volatile.</summary>
internal sealed class DownloadSession(byte[] euiccChallenge) : IDisposable
{
    /// <summary>The challenge, until a server has answered it.</summary>
    public byte[] EuiccChallenge { get; } = euiccChallenge;

    /// <summary>The SM-DP+; null until it is authenticated.</summary>
    public AuthenticatedServer? Server { get; set; }

    /// <summary>What the package must be bound to; null until the download is prepared.</summary>
    public PreparedDownload? Prepared { get; private set; }

    /// <summary>The package that is being loaded.</summary>
    public BoundProfileLoading? Loading { get; private set; }

    /// <summary>Sets what the package must be bound to, in place of what there was.</summary>
    public void Prepare(PreparedDownload prepared)
    {
        Prepared?.Dispose();
        Prepared = prepared;
    }

    /// <summary>Begins to load a package.</summary>
    public void Load(BoundProfileLoading loading) => Loading = loading;

    /// <summary>Wipes the session's keys.</summary>
    public void Dispose()
    {
        Prepared?.Dispose();
        Loading?.Dispose();
    }
}

/// <summary>An SM-DP+ that the card believes.</summary>
/// <param name="TransactionId">The SM-DP+'s transaction.</param>
/// <param name="Address">Its address, as it signed it.</param>
/// <param name="Oid">Its OID, dotted.</param>
/// <param name="CiKeyId">The CI that it is under.</param>
/// <param name="EuiccSignature1">What the card answered, raw r‖s: the SM-DP+'s next signature covers it.</param>
internal sealed record AuthenticatedServer(
    TransactionId TransactionId, string Address, string Oid, ReadOnlyMemory<byte> CiKeyId, ReadOnlyMemory<byte> EuiccSignature1);

/// <summary>What a package must be bound to.</summary>
/// <param name="SmdpKey">PK.DPpb.ECDSA.</param>
/// <param name="OneTimeKey">otSK.EUICC.ECKA.</param>
internal sealed record PreparedDownload(EcPublicKey SmdpKey, OneTimeKey OneTimeKey) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => OneTimeKey.Dispose();
}

/// <summary>A profile that was installed since the card got its power.</summary>
/// <param name="Iccid">The digits.</param>
/// <param name="SmdpOid">Where it came from, dotted.</param>
/// <param name="SmdpAddress">Where it came from.</param>
internal sealed record InstalledProfile(string Iccid, string SmdpOid, string SmdpAddress);

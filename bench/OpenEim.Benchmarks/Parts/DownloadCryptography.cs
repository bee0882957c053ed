using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.ProfilePackages;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Security.Bsp;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Benchmarks.Parts;

/// <summary>What one profile download is in cryptography, on both sides, and nothing else.</summary>
/// <remarks>
/// Six signatures (serverSignature1, euiccSignature1, smdpSignature2, euiccSignature2, smdpSign, the result's); six verifications
/// (all of these but smdpSign, since the devices do not open the package, and CERT.EUICC by the EUM's key), the eUICC's key read out of
/// its certificate once, since the SM-DP+ has never seen it; two one-time keys, one agreement, the session keys, and the protection of
/// a package of the same length. Not counted, so that it counts against the SM-DP+: hashes, the MAC in the transaction id, the
/// unsealing of the stored package, the master key, and the certificates that do not change.
/// </remarks>
internal sealed class DownloadCryptography : IDisposable
{
    private static readonly Eid Eid = Eid.Parse($"{TestPki.EidPrefix}{0:D24}");
    private static readonly byte[] HostId = [0x88, 0x37, 0x0A];

    // About as long as what is signed; the hash of it is a small part of a signature.
    private static readonly byte[] Data = new byte[200];

    private readonly TestPki _pki;
    private readonly RspIdentity _auth;
    private readonly RspIdentity _binding;
    private readonly RspIdentity _euicc;
    private readonly byte[] _configureIsdp = new ConfigureIsdpRequest().Encode();
    private readonly byte[] _metadata;
    private readonly byte[] _package;

    public DownloadCryptography(TestPki pki)
    {
        _pki = pki;
        (_auth, _binding, _euicc) = (pki.IssueDpAuth(), pki.IssueDpPb(), pki.IssueEuicc(Eid));
        using var template = BuiltInTemplate.Create("bench");
        _package = new byte[template.Length];
        _metadata = new StoreMetadataRequest
        {
            Iccid = Iccid.Parse("8999999000000000000"),
            ServiceProviderName = "OpenEim",
            ProfileName = "bench",
            Class = ProfileClass.Operational,
            NotificationConfigurations = [new NotificationConfiguration(NotificationEvents.Enable | NotificationEvents.Disable | NotificationEvents.Delete, "127.0.0.1:65535")],
        }.Encode();
    }

    /// <summary>One download's worth. Safe on many threads.</summary>
    /// <returns>False when a signature did not verify.</returns>
    public bool Once()
    {
        var euicc = RspCertificate.Parse(_euicc.Certificate.Encoded);
        var verified = _auth.Certificate.PublicKey.Verify(Data, _auth.Key.Sign(Data))
            && euicc.IsSignedBy(_pki.Eum.Certificate.PublicKey)
            && euicc.PublicKey.Verify(Data, _euicc.Key.Sign(Data))
            && _binding.Certificate.PublicKey.Verify(Data, _binding.Key.Sign(Data));
        using var euiccKey = OneTimeKey.Generate(EcCurve.P256);
        verified &= euicc.PublicKey.Verify(Data, _euicc.Key.Sign(Data));
        using var smdpKey = OneTimeKey.Generate(EcCurve.P256);
        var secret = smdpKey.Agree(EcPublicKey.FromPoint(EcCurve.P256, euiccKey.PublicKey.Point.Span));
        using var session = BspSession.Derive(secret, HostId, Eid);
        BoundProfileParts.Protect(session, _configureIsdp, _metadata, _package);
        _binding.Key.Sign(Data);
        return verified && euicc.PublicKey.Verify(Data, _euicc.Key.Sign(Data));
    }

    public void Dispose()
    {
        _auth.Dispose();
        _binding.Dispose();
        _euicc.Dispose();
    }
}

using System.Security.Cryptography;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Security.Bsp;
using OpenEim.Protocol.Sgp22;
using OpenEim.Smdp.Profiles;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>Binds a profile package to one eUICC's one-time key (SGP.22 2.5.4, 2.6.4).</summary>
internal sealed class ProfileBinding(SmdpIdentity identity)
{
    /// <summary>Protects a package for an eUICC.</summary>
    /// <param name="session">The session, whose eUICC is verified.</param>
    /// <param name="euiccOtpk">The eUICC's one-time key, 04‖X‖Y.</param>
    /// <param name="type">The profile's type.</param>
    /// <param name="package">The personalised package; the caller wipes it.</param>
    /// <param name="now">The time, Unix milliseconds.</param>
    /// <exception cref="Protocol.ProtocolException">The one-time key is not a point of the curve.</exception>
    public DeliveryRow Bind(SessionToBind session, ReadOnlyMemory<byte> euiccOtpk, ProfileTypeRow type, ReadOnlySpan<byte> package, long now)
    {
        var curve = identity.Binding.Certificate.PublicKey.Curve;
        var peer = EcPublicKey.FromPoint(curve, euiccOtpk.Span);

        // The one-time private key ends here: a retry needs the protected segments only.
        using var key = OneTimeKey.Generate(curve);
        using var profileKeys = type.ReplaceSessionKeys ? BspKeys.Random() : null;
        var secret = key.Agree(peer);
        try
        {
            using var bsp = BspSession.Derive(secret, identity.HostId.Span, session.EuiccId);
            var parts = BoundProfileParts.Protect(
                bsp, new ConfigureIsdpRequest().Encode(), type.Metadata(session.Iccid, identity.Addresses.Primary), package, profileKeys);
            return NewRow(session, euiccOtpk, key.PublicKey.Point, Join(parts), now);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <summary>The same segments for another session of the same eUICC with the same one-time key: only InitialiseSecureChannel is new.</summary>
    public DeliveryRow BindAgain(SessionToBind session, DeliveryRow earlier, long now) =>
        NewRow(session, earlier.EuiccOtpk, earlier.SmdpOtpk, earlier.Segments!, now);

    private DeliveryRow NewRow(
        SessionToBind session, ReadOnlyMemory<byte> euiccOtpk, ReadOnlyMemory<byte> smdpOtpk, byte[] segments, long now)
    {
        var signed = InitialiseSecureChannelRequest.EncodeSigned(TransactionId.FromBytes(session.TransactionId), identity.HostId, smdpOtpk);
        var signature = identity.Binding.Key.Sign(InitialiseSecureChannelRequest.SignedWith(signed, euiccOtpk));
        return new DeliveryRow
        {
            TransactionId = session.TransactionId,
            Iccid = session.Iccid,
            Eid = session.Eid,
            EuiccCertificate = session.EuiccCertificate,
            EuiccOtpk = euiccOtpk.ToArray(),
            SmdpOtpk = smdpOtpk.ToArray(),
            InitialiseSecureChannel = InitialiseSecureChannelRequest.Create(signed, signature).Encode(),
            Segments = segments,
            Delivered = now,
        };
    }

    private static byte[] Join(BoundProfileParts parts) =>
    [
        .. parts.FirstSequenceOf87.Span,
        .. parts.SequenceOf88.Span,
        .. parts.SecondSequenceOf87 is { } keys ? keys.Span : default,
        .. parts.SequenceOf86.Span,
    ];
}

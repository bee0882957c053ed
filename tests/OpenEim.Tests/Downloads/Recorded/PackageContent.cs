using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Security.Bsp;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Tests.Downloads.Recorded;

/// <summary>What is in a bound profile package whose profile has keys of its own (ReplaceSessionKeys).</summary>
internal sealed record PackageContent(ReadOnlyMemory<byte> HostId, byte[] ConfigureIsdp, byte[] Metadata, BspKeys ProfileKeys, byte[] ProfilePackage)
    : IDisposable
{
    /// <summary>Opens a package with the eUICC's one-time key.</summary>
    public static PackageContent Open(ReadOnlyMemory<byte> package, OneTimeKey euiccKey, Eid eid)
    {
        var bound = BerMessage.Decode<BoundProfilePackage>(package);
        var channel = bound.ReadInitialiseSecureChannel();
        var hostId = channel.ControlRefTemplate.HostId;
        using var session = BspSession.Derive(euiccKey.Agree(EcPublicKey.FromPoint(euiccKey.Curve, channel.SmdpOtpk.Span)), hostId.Span, eid);
        var configuration = Unprotect(session, BspTag.Command, bound.ConfigureIsdp);
        var metadata = Unprotect(session, BspTag.Metadata, bound.StoreMetadata);
        var keys = BspKeys.FromRequest(BerMessage.Decode<ReplaceSessionKeysRequest>(Unprotect(session, BspTag.Command, bound.ReplaceSessionKeys!)));
        using var profile = new BspSession(keys);
        return new PackageContent(hostId, configuration, metadata, keys, Unprotect(profile, BspTag.ProfileElements, bound.ProfileElements));
    }

    /// <summary>Binds the same content with another one-time key of the SM-DP+'s.</summary>
    public byte[] Bind(TransactionId transaction, EcPublicKey euiccOtpk, OneTimeKey smdpKey, ISigner dpPb, Eid eid)
    {
        using var session = BspSession.Derive(smdpKey.Agree(euiccOtpk), HostId.Span, eid);
        var parts = BoundProfileParts.Protect(session, ConfigureIsdp, Metadata, ProfilePackage, ProfileKeys);
        var signed = InitialiseSecureChannelRequest.EncodeSigned(transaction, HostId, smdpKey.PublicKey.Point);
        var signature = dpPb.Sign(InitialiseSecureChannelRequest.SignedWith(signed, euiccOtpk.Point));
        return parts.ToBoundProfilePackage(InitialiseSecureChannelRequest.Create(signed, signature).Encode());
    }

    public void Record(Recording recording, OneTimeKey euiccKey, OneTimeKey smdpKey, Eid eid)
    {
        recording.Section("What the package is made of: one-time keys (private: the scalar; public: 04, X, Y), host id, commands and profile.");
        recording.Add("euiccOneTimeKey.private", euiccKey.Export());
        recording.Add("euiccOneTimeKey.public", euiccKey.PublicKey.Point.Span);
        recording.Add("smdpOneTimeKey.private", smdpKey.Export());
        recording.Add("smdpOneTimeKey.public", smdpKey.PublicKey.Point.Span);
        recording.Add("hostId", HostId.Span);
        recording.Add("configureIsdp", ConfigureIsdp);
        recording.Add("metadata", Metadata);
        recording.Add("replaceSessionKeys", ProfileKeys.ToRequest().Encode());
        recording.Add("profilePackage", ProfilePackage);

        recording.Section("What is derived from it: Z, and the three session keys (SGP.22 2.6.4.2).");
        var secret = smdpKey.Agree(euiccKey.PublicKey);
        using var keys = BspKeys.Derive(secret, HostId.Span, eid);
        recording.Add("sharedSecret", secret);
        recording.Add("initialMacChainingValue", keys.InitialChainingValue);
        recording.Add("sEnc", keys.Encryption);
        recording.Add("sMac", keys.Mac);
    }

    public void Dispose() => ProfileKeys.Dispose();

    private static byte[] Unprotect(BspSession session, BspTag tag, IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        var content = new List<byte>();
        foreach (var segment in segments)
        {
            Assert.Equal(BspError.None, session.Unprotect(tag, segment, out var plaintext));
            content.AddRange(plaintext);
        }

        return [.. content];
    }
}

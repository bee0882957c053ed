using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>Who this SM-DP+ is towards eUICCs, and whom it believes.</summary>
internal sealed class SmdpIdentity
{
    private const int MaxHostIdLength = 16;

    public SmdpIdentity(SmdpAddresses addresses, PkiDirectory pki)
    {
        Addresses = addresses;
        Auth = pki.DpAuth!;
        Binding = pki.DpPb!;
        Trust = new RspTrust(pki.Roots);
        Oid = Encode(Auth.Certificate.RegisteredIds[0]);
        HostId = Oid.AsMemory(0, Math.Min(Oid.Length, MaxHostIdLength));
    }

    public SmdpAddresses Addresses { get; }

    /// <summary>CERT.DPauth and its key.</summary>
    public RspIdentity Auth { get; }

    /// <summary>CERT.DPpb and its key.</summary>
    public RspIdentity Binding { get; }

    /// <summary>The CIs that are believed.</summary>
    public RspTrust Trust { get; }

    /// <summary>The OID of CERT.DPauth: the value bytes of the OBJECT IDENTIFIER.</summary>
    public byte[] Oid { get; }

    /// <summary>Names this SM-DP+ in the key agreement (ControlRefTemplate, tag 84).</summary>
    public ReadOnlyMemory<byte> HostId { get; }

    private static byte[] Encode(string oid)
    {
        var encoded = new BerReader(BerWriting.Encode(writer => writer.WriteObjectIdentifier(oid)));
        return encoded.ReadValue(0x06).ToArray();
    }
}

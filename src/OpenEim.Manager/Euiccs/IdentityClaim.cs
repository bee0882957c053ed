using OpenEim.Protocol;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;

namespace OpenEim.Manager.Euiccs;

/// <summary>Who a certificate says it belongs to, before anything is verified: enough to find the row, never to believe anything.</summary>
internal static class IdentityClaim
{
    public static Eid? EidOf(ReadOnlyMemory<byte> certificate)
    {
        try
        {
            return Eid.TryParse(RspCertificate.Parse(certificate).SubjectSerialNumber, out var eid) ? eid : null;
        }
        catch (ProtocolException)
        {
            // A certificate that cannot be read claims nothing; what carries it is then refused for want of an EID.
            return null;
        }
    }
}

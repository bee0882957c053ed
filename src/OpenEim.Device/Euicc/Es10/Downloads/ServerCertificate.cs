using OpenEim.Protocol;
using OpenEim.Protocol.Security;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>Checks an SM-DP+'s certificate as a card does (SGP.22 4.5.2.2).</summary>
internal static class ServerCertificate
{
    /// <summary>Checks the chain up to the card's CIs. A card has no clock: it takes the first moment at which the whole chain can be valid.</summary>
    /// <param name="core">The card.</param>
    /// <param name="encoded">DER.</param>
    /// <param name="role">DPauth or DPpb.</param>
    /// <param name="expectedOid">The OID that it must state; null for any.</param>
    /// <param name="certificate">The certificate, where it can be parsed.</param>
    public static ChainResult Verify(
        EuiccCore core, ReadOnlyMemory<byte> encoded, RspRole role, string? expectedOid, out RspCertificate? certificate)
    {
        certificate = null;
        try
        {
            certificate = RspCertificate.Parse(encoded);
            return core.Trust.VerifyServer(certificate, role, expectedOid, FirstMoment(core, certificate));
        }
        catch (ProtocolException e)
        {
            // The caller answers with the function's own error code.
            return new ChainResult(ChainError.Malformed, e.Message);
        }
    }

    private static DateTimeOffset FirstMoment(EuiccCore core, RspCertificate certificate)
    {
        var begins = core.Trust.Roots
            .Where(root => certificate.AuthorityKeyIdentifier is { } issuer && root.SubjectKeyIdentifier is { } key && key.Span.SequenceEqual(issuer.Span))
            .Select(root => root.NotBefore)
            .DefaultIfEmpty(certificate.NotBefore)
            .Max();
        return begins > certificate.NotBefore ? begins : certificate.NotBefore;
    }
}

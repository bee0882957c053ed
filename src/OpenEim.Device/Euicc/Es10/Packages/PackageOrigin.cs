using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Euicc.Es10.Packages;

/// <summary>Where a package came from: what its result repeats, and what is signed with it.</summary>
/// <param name="EimId">The eIM.</param>
/// <param name="AssociationToken">Its token, signed with every result from SGP.32 v1.2 on.</param>
/// <param name="Counter">The package's counter.</param>
/// <param name="TransactionId">The package's transaction.</param>
/// <param name="EimSignature">The package's signature, signed with every result up to SGP.32 v1.0.</param>
internal sealed record PackageOrigin(
    string EimId, long? AssociationToken, long Counter, TransactionId? TransactionId, ReadOnlyMemory<byte> EimSignature)
{
    /// <summary>Signs a result or a refusal by the rule of the card's version.</summary>
    public byte[] Sign(EuiccCore core, ReadOnlySpan<byte> data) => core.Sign(core.Identity.IsV10
        ? PackageSignature.InputV10(data, EimSignature.Span)
        : PackageSignature.Input(data, AssociationToken));
}

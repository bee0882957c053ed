using OpenEim.Protocol.Identifiers;

namespace OpenEim.Device.Euicc.Es10.Packages;

/// <summary>Where a package came from: what its result repeats, and the token that signs it.</summary>
internal sealed record PackageOrigin(string EimId, long? AssociationToken, long Counter, TransactionId? TransactionId);

using OpenEim.Protocol.Identifiers;

namespace OpenEim.Device.Ipa.Downloads;

/// <summary>Where a profile is to come from.</summary>
/// <param name="Address">The SM-DP+; null where the eIM knows it.</param>
/// <param name="MatchingId">What the SM-DP+ finds the profile by; empty for the EID alone.</param>
/// <param name="SmdpOid">The OID that the SM-DP+ must have, dotted; null for any.</param>
internal sealed record DownloadSource(SmdpAddress? Address, string MatchingId, string? SmdpOid);

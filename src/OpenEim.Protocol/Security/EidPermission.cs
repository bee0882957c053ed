using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Security;

/// <summary>Which eUICCs an EUM may certify (SGP.22 clause 4.5.2.1): its nameConstraints, and the newer extension of EID prefixes.</summary>
internal static class EidPermission
{
    /// <summary>Null when the EUM may issue for this EID and this organisation.</summary>
    public static ChainResult? Check(RspCertificate euicc, Eid eid, RspCertificate eum)
    {
        if (eum.HasUnsupportedConstraints)
        {
            return NotPermitted("the EUM certificate has name constraints that RSP does not know");
        }

        var names = eum.PermittedNames ?? [];
        if (eum.EidPrefixes is null && !names.Any(name => name.EidPrefix is not null))
        {
            return NotPermitted("the EUM certificate permits no EIDs at all");
        }

        var digits = eid.ToString();
        if (eum.EidPrefixes is { } prefixes && !prefixes.Any(prefix => IsPrefix(prefix, digits)))
        {
            return NotPermitted($"the EUM may not issue for EID {digits}, only for those that begin with {string.Join(" or ", prefixes)}");
        }

        // Constraints on names of other forms only leave every directoryName permitted.
        if (names.Count > 0 && !names.Any(name => name.EidPrefix is not { } prefix || IsPrefix(prefix, digits)))
        {
            return NotPermitted($"the EUM may not issue for EID {digits}, only for those that begin with {string.Join(" or ", names.Select(name => name.EidPrefix))}");
        }

        return names.Count == 0 || names.Any(name => Permits(name, euicc.SubjectOrganization, digits))
            ? null
            : NotPermitted($"the EUM may not issue for the organisation {euicc.SubjectOrganization ?? "(none)"}");
    }

    private static bool Permits(PermittedName name, string? organization, string digits) =>
        (name.Organization is not { } permitted || permitted == organization)
        && (name.EidPrefix is not { } prefix || IsPrefix(prefix, digits));

    private static bool IsPrefix(string prefix, string digits) =>
        prefix.Length > 0 && digits.StartsWith(prefix, StringComparison.Ordinal);

    private static ChainResult NotPermitted(string reason) => new(ChainError.EidNotPermitted, reason);
}

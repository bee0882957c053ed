namespace OpenEim.Protocol.Security;

/// <summary>One permitted directoryName of an EUM's nameConstraints: whose eUICCs, and how their EIDs begin (SGP.22 clause 4.5.2.1).</summary>
/// <param name="Organization">The organisation that the eUICC's subject must state, or null when any may.</param>
/// <param name="EidPrefix">The digits that the EID must begin with, or null when another extension states them.</param>
public sealed record PermittedName(string? Organization, string? EidPrefix);

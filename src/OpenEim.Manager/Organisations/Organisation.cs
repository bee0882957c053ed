namespace OpenEim.Manager.Organisations;

/// <summary>A tenant: sees its own devices, members and tokens, and nobody else's.</summary>
public sealed record Organisation(long Id, string Name);

/// <summary>A person, or a program, that acts for one organisation.</summary>
public sealed record Member(long Id, long OrganisationId, string Name, Role Role);

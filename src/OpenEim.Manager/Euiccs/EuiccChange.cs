
namespace OpenEim.Manager.Euiccs;

/// <summary>What shall be different about a registered eUICC.</summary>
public sealed record EuiccChange
{
    /// <summary>Whether <see cref="Name"/> is set, or removed where it is null.</summary>
    public bool ChangesName { get; init; }

    /// <summary>For people.</summary>
    public string? Name { get; init; }

    /// <summary>Whether <see cref="CustomerOrganisation"/> is set, or removed where it is null.</summary>
    public bool ChangesCustomerOrganisation { get; init; }

    /// <summary>Whose device it is.</summary>
    public CustomerOrganisation? CustomerOrganisation { get; init; }

    /// <summary>Whether <see cref="AssociationToken"/> is set, or removed where it is null.</summary>
    public bool ChangesAssociationToken { get; init; }

    /// <summary>The token that the eUICC has for this eIM: the next package is signed with it.</summary>
    public long? AssociationToken { get; init; }

    /// <summary>The kind of eUICC; null leaves it.</summary>
    public int? SupportedProfileType { get; init; }
}

/// <summary>How a change or a removal ended.</summary>
public enum EuiccChangeOutcome
{
    /// <summary>There is no such eUICC for this organisation.</summary>
    NotFound,

    /// <summary>It is done.</summary>
    Done,

    /// <summary>Operations are scheduled that it would leave behind; nothing was changed.</summary>
    HasOperations,
}

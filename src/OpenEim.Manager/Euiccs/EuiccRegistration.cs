using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Euiccs;

/// <summary>An eUICC to be registered.</summary>
public sealed record EuiccRegistration
{
    /// <summary>Its identifier.</summary>
    public required Eid Eid { get; init; }

    /// <summary>For people.</summary>
    public string? Name { get; init; }

    /// <summary>Whose device it is.</summary>
    public CustomerOrganisation? CustomerOrganisation { get; init; }

    /// <summary>5 for an IoT eUICC; others are listed, but take no operations.</summary>
    public required int SupportedProfileType { get; init; }

    /// <summary>The token that the eUICC was given when this eIM was loaded into it.</summary>
    public long? AssociationToken { get; init; }

    /// <summary>Its certificates, if they are known already.</summary>
    public VerifiedCertificates? Certificates { get; init; }
}

/// <summary>Certificates that lead from a trusted CI to the EID.</summary>
/// <param name="Euicc">CERT.EUICC, DER.</param>
/// <param name="Eum">CERT.EUM, DER.</param>
/// <param name="PublicKey">The eUICC's key, SubjectPublicKeyInfo.</param>
public sealed record VerifiedCertificates(ReadOnlyMemory<byte> Euicc, ReadOnlyMemory<byte> Eum, ReadOnlyMemory<byte> PublicKey);

/// <summary>EIDs that cannot be registered because they are already, by whomever. Nothing was registered.</summary>
public sealed class EuiccRegisteredException : Exception
{
    /// <summary>Creates the exception.</summary>
    public EuiccRegisteredException()
        : this([])
    {
    }

    /// <summary>Creates the exception.</summary>
    public EuiccRegisteredException(string message)
        : base(message) => Indexes = [];

    /// <summary>Creates the exception.</summary>
    public EuiccRegisteredException(string message, Exception innerException)
        : base(message, innerException) => Indexes = [];

    /// <summary>Creates the exception for the registrations at these indexes.</summary>
    public EuiccRegisteredException(IReadOnlyList<int> indexes)
        : base("eUICCs are registered already") => Indexes = indexes;

    /// <summary>Which of the registrations.</summary>
    public IReadOnlyList<int> Indexes { get; }
}

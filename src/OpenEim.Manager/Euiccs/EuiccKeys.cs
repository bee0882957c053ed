using OpenEim.Storage;

namespace OpenEim.Manager.Euiccs;

/// <summary>What the signatures of one eUICC are checked with, as its row says; read without a lock.</summary>
/// <param name="PublicKey">SubjectPublicKeyInfo of the verified CERT.EUICC; null before first contact.</param>
/// <param name="AssociationToken">The token, where one is configured.</param>
/// <param name="ClaimedToken">Another token, which nobody has proved.</param>
/// <param name="InFlight">The exchange whose answer is awaited.</param>
internal readonly record struct EuiccKeys(byte[]? PublicKey, long? AssociationToken, long? ClaimedToken, byte[]? InFlight)
{
    public static readonly RowByKey<EuiccKeys> ByEid = new(
        "euicc",
        "eid",
        "public_key, association_token, token_claimed, in_flight",
        row => new EuiccKeys(
            row.IsDBNull(0) ? null : row.GetBytes(0),
            row.IsDBNull(1) ? null : row.GetInt64(1),
            row.IsDBNull(2) ? null : row.GetInt64(2),
            row.IsDBNull(3) ? null : row.GetBytes(3)));
}

/// <summary>The certificates that an eUICC's key was believed by; both null where none are kept.</summary>
/// <param name="Euicc">CERT.EUICC.</param>
/// <param name="Eum">CERT.EUM.</param>
internal readonly record struct EuiccCertificates(byte[]? Euicc, byte[]? Eum)
{
    public static readonly RowByKey<EuiccCertificates> ByEid = new(
        "euicc_data",
        "eid",
        "euicc_certificate, eum_certificate",
        row => new EuiccCertificates(row.IsDBNull(0) ? null : row.GetBytes(0), row.IsDBNull(1) ? null : row.GetBytes(1)));
}

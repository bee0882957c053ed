using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp32;

/// <summary>ESipa InitiateAuthenticationRequest, tag BF39.</summary>
/// <param name="EuiccChallenge">81: 16 bytes.</param>
/// <param name="SmdpAddress">83.</param>
/// <param name="EuiccInfo1">BF20, the whole TLV.</param>
/// <param name="TransactionId">82: the eIM's transaction.</param>
public sealed record InitiateAuthenticationRequestEsipa(
    ReadOnlyMemory<byte> EuiccChallenge, string? SmdpAddress, ReadOnlyMemory<byte>? EuiccInfo1, TransactionId? TransactionId)
    : IBerMessage<InitiateAuthenticationRequestEsipa>
{
    /// <inheritdoc/>
    public static InitiateAuthenticationRequestEsipa Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(0xBF39);
        var request = new InitiateAuthenticationRequestEsipa(
            inner.ReadValue(0x81, 16, 16),
            inner.TryReadUtf8(0x83, 255),
            inner.OptionalEncoded(0xBF20),
            inner.TryReadTransactionId(0x82));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0xBF39))
        {
            writer.Octets(0x81, EuiccChallenge.Span);
            writer.OptionalUtf8(0x83, SmdpAddress);
            if (EuiccInfo1 is { } info)
            {
                writer.Raw(info.Span);
            }

            writer.Transaction(0x82, TransactionId);
        }
    }
}

/// <summary>Error of ESipa InitiateAuthentication.</summary>
public enum InitiateAuthenticationErrorEsipa
{
    /// <summary>No such SM-DP+ address.</summary>
    InvalidDpAddress = 1,

    /// <summary>The SM-DP+ does not support the eUICC's version.</summary>
    EuiccVersionNotSupportedByDp = 2,

    /// <summary>No common CI key.</summary>
    CiPkIdNotSupported = 3,

    /// <summary>The address does not match the SM-DP+'s answer.</summary>
    SmdpAddressMismatch = 50,

    /// <summary>The OID does not match the activation code.</summary>
    SmdpOidMismatch = 51,

    /// <summary>No download of ours goes on under this id.</summary>
    InvalidEimTransactionId = 52,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>Error of ESipa AuthenticateClient.</summary>
public enum AuthenticateClientErrorEsipa
{
    /// <summary>The EUM certificate is invalid.</summary>
    EumCertificateInvalid = 1,

    /// <summary>The EUM certificate has expired.</summary>
    EumCertificateExpired = 2,

    /// <summary>The eUICC certificate is invalid.</summary>
    EuiccCertificateInvalid = 3,

    /// <summary>The eUICC certificate has expired.</summary>
    EuiccCertificateExpired = 4,

    /// <summary>The eUICC's signature does not verify.</summary>
    EuiccSignatureInvalid = 5,

    /// <summary>The matching id is unknown or used.</summary>
    MatchingIdRefused = 6,

    /// <summary>The profile is for another EID.</summary>
    EidMismatch = 7,

    /// <summary>The eUICC cannot take the profile.</summary>
    NoEligibleProfile = 8,

    /// <summary>The CI is unknown.</summary>
    CiPkUnknown = 9,

    /// <summary>No such session.</summary>
    InvalidTransactionId = 10,

    /// <summary>The eUICC's memory is too small.</summary>
    InsufficientMemory = 11,

    /// <summary>The download order has expired; since v1.3, where 12 to 17 are reserved.</summary>
    DownloadOrderExpired = 18,

    /// <summary>Profile policy rules are not allowed.</summary>
    PprNotAllowed = 50,

    /// <summary>The event is unknown.</summary>
    EventIdUnknown = 56,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>Error of ESipa GetBoundProfilePackage.</summary>
public enum GetBoundProfilePackageErrorEsipa
{
    /// <summary>The eUICC's signature does not verify.</summary>
    EuiccSignatureInvalid = 1,

    /// <summary>A confirmation code is needed.</summary>
    ConfirmationCodeMissing = 2,

    /// <summary>The confirmation code is wrong.</summary>
    ConfirmationCodeRefused = 3,

    /// <summary>Too many wrong confirmation codes.</summary>
    ConfirmationCodeRetriesExceeded = 4,

    /// <summary>The package is bound to another key.</summary>
    BppRebindingRefused = 5,

    /// <summary>The order has expired; deprecated since v1.3, where AuthenticateClient tells it.</summary>
    DownloadOrderExpired = 6,

    /// <summary>The metadata differs from what was announced.</summary>
    MetadataMismatch = 50,

    /// <summary>No such session.</summary>
    InvalidTransactionId = 95,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>Error of ESipa CancelSession.</summary>
public enum CancelSessionErrorEsipa
{
    /// <summary>No such session.</summary>
    InvalidTransactionId = 1,

    /// <summary>The eUICC's signature does not verify.</summary>
    EuiccSignatureInvalid = 2,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

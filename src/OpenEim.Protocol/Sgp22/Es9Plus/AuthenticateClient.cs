using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>ES9+ AuthenticateClientRequest, tag BF3B (SGP.22 5.6.3).</summary>
/// <param name="TransactionId">80.</param>
/// <param name="AuthenticateServerResponse">BF38, the whole TLV.</param>
public sealed record AuthenticateClientRequest(TransactionId TransactionId, ReadOnlyMemory<byte> AuthenticateServerResponse)
    : IBerMessage<AuthenticateClientRequest>
{
    /// <summary>Reads the eUICC's answer.</summary>
    /// <exception cref="ProtocolException">It is not an AuthenticateServerResponse.</exception>
    public AuthenticateServerResponse ReadAuthenticateServerResponse() => BerMessage.Decode<AuthenticateServerResponse>(AuthenticateServerResponse);

    /// <inheritdoc/>
    public static AuthenticateClientRequest Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.AuthenticateClient);
        var request = new AuthenticateClientRequest(inner.ReadTransactionId(0x80), inner.ReadEncoded(Sgp22Tags.AuthenticateServer));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.AuthenticateClient))
        {
            writer.Transaction(0x80, TransactionId);
            writer.Raw(AuthenticateServerResponse.Span);
        }
    }
}

/// <summary>SGP.22 AuthenticateClientOk: what PrepareDownload on the card needs.</summary>
/// <param name="TransactionId">80.</param>
/// <param name="ProfileMetadata">BF25, the whole TLV.</param>
/// <param name="SmdpSigned2">The TLV of SmdpSigned2, as signed by CERT.DPpb.</param>
/// <param name="SmdpSignature2">Raw r‖s.</param>
/// <param name="SmdpCertificate">DER of CERT.DPpb.</param>
public sealed record AuthenticateClientOk(
    TransactionId TransactionId,
    ReadOnlyMemory<byte> ProfileMetadata,
    ReadOnlyMemory<byte> SmdpSigned2,
    ReadOnlyMemory<byte> SmdpSignature2,
    ReadOnlyMemory<byte> SmdpCertificate)
{
    /// <summary>Reads the profile's metadata.</summary>
    /// <exception cref="ProtocolException">They are not a StoreMetadataRequest.</exception>
    public StoreMetadataRequest ReadProfileMetadata() => BerMessage.Decode<StoreMetadataRequest>(ProfileMetadata);

    internal static AuthenticateClientOk Read(BerReader inner)
    {
        var ok = new AuthenticateClientOk(
            inner.ReadTransactionId(0x80),
            inner.ReadEncoded(Sgp22Tags.StoreMetadata),
            inner.ReadEncoded(0x30),
            inner.ReadValue(Sgp22Tags.Signature, 1, 128),
            inner.ReadEncoded(0x30));
        inner.SkipUnknown();
        return ok;
    }

    internal void Write(AsnWriter writer)
    {
        writer.Transaction(0x80, TransactionId);
        writer.Raw(ProfileMetadata.Span);
        writer.Raw(SmdpSigned2.Span);
        writer.Octets(Sgp22Tags.Signature, SmdpSignature2.Span);
        writer.Raw(SmdpCertificate.Span);
    }
}

/// <summary>Error of ES9+ AuthenticateClient in the ASN.1 binding.</summary>
public enum AuthenticateClientError
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

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>ES9+ AuthenticateClientResponseEs9, tag BF3B (SGP.22 5.6.3): <c>A0</c> the answer, or <c>81</c> an error.</summary>
/// <param name="Ok">Null on an error.</param>
/// <param name="Error">Null on success.</param>
public sealed record AuthenticateClientResponseEs9(AuthenticateClientOk? Ok, AuthenticateClientError? Error = null) : IBerMessage<AuthenticateClientResponseEs9>
{
    /// <inheritdoc/>
    public static AuthenticateClientResponseEs9 Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.AuthenticateClient);
        var response = inner.NextIs(0x81)
            ? new AuthenticateClientResponseEs9(null, (AuthenticateClientError)inner.ReadInt32(0x81))
            : new AuthenticateClientResponseEs9(AuthenticateClientOk.Read(inner.ReadConstructed(0xA0)));
        inner.SkipUnknown();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer) => AnswerOrError.Write(writer, Sgp22Tags.AuthenticateClient, (int?)Error, Ok is { } ok ? ok.Write : null);
}

using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>EuiccSigned1, a plain SEQUENCE (30; SGP.22 5.7.13): what the eUICC signs to authenticate itself. What is null or empty was left out or cannot be read.</summary>
/// <param name="TransactionId">80.</param>
/// <param name="ServerAddress">83.</param>
/// <param name="ServerChallenge">84: 16 bytes.</param>
/// <param name="EuiccInfo2">BF22, the whole TLV.</param>
/// <param name="CtxParams1">A0, the whole TLV, as the eUICC got it.</param>
public sealed record EuiccSigned1(
    TransactionId? TransactionId,
    string? ServerAddress,
    ReadOnlyMemory<byte> ServerChallenge,
    ReadOnlyMemory<byte> EuiccInfo2,
    ReadOnlyMemory<byte> CtxParams1) : IBerMessage<EuiccSigned1>
{
    /// <summary>What could not be read beside EuiccInfo2 and CtxParams1, which tell themselves; empty when all was read.</summary>
    public IReadOnlyList<UnreadableValue> Unreadable { get; init; } = [];

    /// <summary>Reads the eUICC's information, as far as it can be read.</summary>
    public EuiccInfo2 ReadEuiccInfo2() => EuiccInfo2.IsEmpty ? new EuiccInfo2() : BerMessage.Decode<EuiccInfo2>(EuiccInfo2);

    /// <summary>Reads the context parameters, as far as they can be read.</summary>
    public CtxParams1 ReadCtxParams1() => CtxParams1.IsEmpty ? new CtxParams1(null, null) : BerMessage.Decode<CtxParams1>(CtxParams1);

    /// <inheritdoc/>
    public static EuiccSigned1 Decode(ref BerReader reader)
    {
        var unreadable = new UnreadableValues();
        var fields = new ContentReader(reader.ReadConstructed(0x30), unreadable);
        var signed = new EuiccSigned1(null, null, default, default, default);
        while (fields.Read())
        {
            signed = fields.Tag switch
            {
                0x80 => signed with { TransactionId = fields.TransactionId() },
                0x83 => signed with { ServerAddress = fields.Text() },
                0x84 => signed with { ServerChallenge = fields.Bytes(16, 16) ?? default },
                Sgp22Tags.EuiccInfo2 => signed with { EuiccInfo2 = fields.Encoded },
                0xA0 => signed with { CtxParams1 = fields.Encoded },
                _ => signed,
            };
        }

        return signed with { Unreadable = unreadable.ToList() };
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(0x30))
        {
            writer.Transaction(0x80, TransactionId);
            writer.OptionalUtf8(0x83, ServerAddress);
            writer.Octets(0x84, ServerChallenge.Span);
            writer.Raw(EuiccInfo2.Span);
            writer.Raw(CtxParams1.Span);
        }
    }
}

/// <summary>SGP.22 AuthenticateResponseOk.</summary>
/// <param name="SignedData">The TLV of EuiccSigned1, as signed by the eUICC.</param>
/// <param name="Signature">euiccSignature1, raw r‖s.</param>
/// <param name="EuiccCertificate">DER of CERT.EUICC.</param>
/// <param name="EumCertificate">DER of CERT.EUM.</param>
public sealed record AuthenticateResponseOk(
    ReadOnlyMemory<byte> SignedData,
    ReadOnlyMemory<byte> Signature,
    ReadOnlyMemory<byte> EuiccCertificate,
    ReadOnlyMemory<byte> EumCertificate)
{
    /// <summary>Reads what is signed, as far as it can be read.</summary>
    public EuiccSigned1 ReadSigned() => BerMessage.Decode<EuiccSigned1>(SignedData);
}

/// <summary>SGP.22 AuthenticateErrorCode.</summary>
public enum AuthenticateErrorCode
{
    /// <summary>The server's certificate is invalid.</summary>
    InvalidCertificate = 1,

    /// <summary>The server's signature does not verify.</summary>
    InvalidSignature = 2,

    /// <summary>The curve is not supported.</summary>
    UnsupportedCurve = 3,

    /// <summary>There is no session.</summary>
    NoSessionContext = 4,

    /// <summary>The server's OID is wrong.</summary>
    InvalidOid = 5,

    /// <summary>The challenge is not the eUICC's.</summary>
    EuiccChallengeMismatch = 6,

    /// <summary>The CI is unknown.</summary>
    CiPkUnknown = 7,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>SGP.22 AuthenticateResponseError.</summary>
/// <param name="TransactionId">80; null when it cannot be read.</param>
/// <param name="Code">02; undefinedError when it cannot be read.</param>
public sealed record AuthenticateResponseError(TransactionId? TransactionId, AuthenticateErrorCode Code)
{
    internal static AuthenticateResponseError Read(ContentReader fields)
    {
        var error = new AuthenticateResponseError(null, AuthenticateErrorCode.UndefinedError);
        while (fields.Read())
        {
            error = fields.Tag switch
            {
                0x80 => error with { TransactionId = fields.TransactionId() },
                0x02 => error with { Code = (AuthenticateErrorCode?)fields.Int32() ?? AuthenticateErrorCode.UndefinedError },
                _ => error,
            };
        }

        return error;
    }
}

/// <summary>ES10b AuthenticateServerResponse, tag BF38 (SGP.22 5.7.13): <c>A0</c> the signed answer, or <c>A1{80, 02}</c> an error.</summary>
/// <param name="Ok">Null on an error.</param>
/// <param name="Error">Null on success.</param>
public sealed record AuthenticateServerResponse(AuthenticateResponseOk? Ok, AuthenticateResponseError? Error = null)
    : IBerMessage<AuthenticateServerResponse>
{
    /// <inheritdoc/>
    public static AuthenticateServerResponse Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.AuthenticateServer);
        AuthenticateServerResponse response;
        if (inner.TryReadConstructed(0xA1, out var error))
        {
            response = new AuthenticateServerResponse(null, AuthenticateResponseError.Read(new ContentReader(error, new UnreadableValues())));
        }
        else
        {
            var ok = inner.ReadConstructed(0xA0);
            response = new AuthenticateServerResponse(new AuthenticateResponseOk(
                ok.ReadEncoded(0x30), ok.ReadValue(Sgp22Tags.Signature, 1, 128), ok.ReadEncoded(0x30), ok.ReadEncoded(0x30)));
            ok.SkipUnknown();
        }

        inner.ThrowIfNotEmpty();
        return response;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.AuthenticateServer))
        {
            if (Error is { } error)
            {
                using (writer.Constructed(0xA1))
                {
                    writer.Transaction(0x80, error.TransactionId);
                    writer.Integer(0x02, (int)error.Code);
                }
            }
            else
            {
                var ok = Ok ?? throw new InvalidOperationException("neither arm of the CHOICE is set");
                using (writer.Constructed(0xA0))
                {
                    writer.Raw(ok.SignedData.Span);
                    writer.Octets(Sgp22Tags.Signature, ok.Signature.Span);
                    writer.Raw(ok.EuiccCertificate.Span);
                    writer.Raw(ok.EumCertificate.Span);
                }
            }
        }
    }
}

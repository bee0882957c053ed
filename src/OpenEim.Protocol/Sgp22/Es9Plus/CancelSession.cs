using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22.Es9Plus;

/// <summary>ES9+ CancelSessionRequestEs9, tag BF41 (SGP.22 5.6.5): <c>BF41{80, A1 the CHOICE of the eUICC's answer}</c>.</summary>
public sealed record CancelSessionRequestEs9(TransactionId TransactionId, CancelSessionResponse CancelSessionResponse)
    : IBerMessage<CancelSessionRequestEs9>
{
    /// <inheritdoc/>
    public static CancelSessionRequestEs9 Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.CancelSession);
        var request = new CancelSessionRequestEs9(
            inner.ReadTransactionId(0x80), Sgp22.CancelSessionResponse.Read(inner.ReadConstructed(0xA1)));
        inner.SkipUnknown();
        return request;
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.CancelSession))
        {
            writer.Transaction(0x80, TransactionId);
            CancelSessionResponse.Write(writer, 0xA1);
        }
    }
}

/// <summary>Error of ES9+ CancelSession in the ASN.1 binding.</summary>
public enum CancelSessionError
{
    /// <summary>No such session.</summary>
    InvalidTransactionId = 1,

    /// <summary>The eUICC's signature does not verify.</summary>
    EuiccSignatureInvalid = 2,

    /// <summary>Anything else.</summary>
    UndefinedError = 127,
}

/// <summary>ES9+ CancelSessionResponseEs9, tag BF41 (SGP.22 5.6.5): <c>A0</c> done, or <c>81</c> an error.</summary>
/// <param name="Error">Null on success.</param>
public sealed record CancelSessionResponseEs9(CancelSessionError? Error = null) : IBerMessage<CancelSessionResponseEs9>
{
    /// <inheritdoc/>
    public static CancelSessionResponseEs9 Decode(ref BerReader reader)
    {
        var inner = reader.ReadConstructed(Sgp22Tags.CancelSession);
        if (inner.NextIs(0x81))
        {
            return new CancelSessionResponseEs9((CancelSessionError)inner.ReadInt32(0x81));
        }

        inner.ReadConstructed(0xA0).SkipUnknown();
        inner.SkipUnknown();
        return new CancelSessionResponseEs9();
    }

    /// <inheritdoc/>
    public void Encode(AsnWriter writer)
    {
        using (writer.Constructed(Sgp22Tags.CancelSession))
        {
            if (Error is { } error)
            {
                writer.Integer(0x81, (int)error);
                return;
            }

            using (writer.Constructed(0xA0))
            {
            }
        }
    }
}

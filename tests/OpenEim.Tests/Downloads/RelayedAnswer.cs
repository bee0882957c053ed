using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Tests.Downloads;

/// <summary>The answer of a relayed function, whichever it is, as its bytes have it.</summary>
/// <param name="Message">The answer.</param>
internal sealed record RelayedAnswer(IBerMessage Message)
{
    /// <summary>The arm A0, the whole TLV; null on an error.</summary>
    public ReadOnlyMemory<byte>? Success
    {
        get
        {
            var encoded = Encode();
            var inner = new BerReader(encoded).Inside(new BerReader(encoded).PeekTag());
            return inner.NextIs(0xA0) ? inner.ReadEncoded(0xA0) : (ReadOnlyMemory<byte>?)null;
        }
    }

    /// <summary>Its bytes in the ASN.1 binding.</summary>
    public byte[] Encode() => Message.Encode();

    /// <summary>The error's number; null on success.</summary>
    public int? ErrorCode => Message switch
    {
        InitiateAuthenticationResponseEsipa.Failed failed => (int)failed.Code,
        AuthenticateClientResponseEsipa.Failed failed => (int)failed.Code,
        GetBoundProfilePackageResponseEsipa.Failed failed => (int)failed.Code,
        CancelSessionResponseEsipa cancel => (int?)cancel.Error,
        _ => null,
    };
}

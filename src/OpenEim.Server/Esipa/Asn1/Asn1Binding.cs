using OpenEim.Hosting.Listeners;
using OpenEim.Manager.Esipa;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Server.Esipa.Asn1;

/// <summary>ESipa's ASN.1 binding (SGP.32 6.1.1, 6.3): one path for all functions, the bare TLV, told by its outer tag.</summary>
internal sealed class Asn1Binding : EsipaBinding
{
    private const string Path = "/gsma/rsp2/asn1";

    private static readonly byte[] Idle = GetEimPackage.Idle.Encode();

    public override string MediaType => RspOverHttp.Asn1MediaType;

    public override string AnswerType => MediaType;

    // Paths of this binding were never told apart by case.
    public override bool Has(string? path) => string.Equals(path, Path, StringComparison.OrdinalIgnoreCase);

    public override (IBerMessage? Request, IBerMessage? Refusal) Read(string path, ReadOnlyMemory<byte> body)
    {
        try
        {
            return (EsipaRequest.Decode(body), null);
        }
        catch (ProtocolException) when (WrongEid.AnswerTo(body) is { } answer)
        {
            return (null, answer);
        }
    }

    public override ReadOnlyMemory<byte> Write(string path, IBerMessage answer) => ReferenceEquals(answer, GetEimPackage.Idle) ? Idle : answer.Encode();
}

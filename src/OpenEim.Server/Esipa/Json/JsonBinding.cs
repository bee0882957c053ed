using OpenEim.Manager.Esipa;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp32.Json;

namespace OpenEim.Server.Esipa.Json;

/// <summary>ESipa's JSON binding (SGP.32 6.1.2, 6.4): one path for each function.</summary>
internal sealed class JsonBinding : EsipaBinding
{
    private static readonly byte[] Idle = EsipaJson.WriteResponse(EsipaJson.PathPrefix + "getEimPackage", GetEimPackage.Idle);

    public override string MediaType => EsipaJson.MediaType;

    public override string AnswerType => "application/json;charset=UTF-8";

    public override bool Has(string? path) => EsipaJson.IsPath(path);

    public override (IBerMessage? Request, IBerMessage? Refusal) Read(string path, ReadOnlyMemory<byte> body) => EsipaJson.ReadRequest(path, body.Span);

    public override ReadOnlyMemory<byte> Write(string path, IBerMessage answer) =>
        ReferenceEquals(answer, GetEimPackage.Idle) ? Idle : EsipaJson.WriteResponse(path, answer);
}

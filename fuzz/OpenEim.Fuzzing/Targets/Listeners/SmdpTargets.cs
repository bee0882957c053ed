using System.Net;
using System.Text;
using OpenEim.Protocol.Sgp22.Es9Plus;

namespace OpenEim.Fuzzing.Targets.Listeners;

/// <summary>A listener of a whole SM-DP+.</summary>
internal abstract class SmdpTarget(string name, InputKind kind, string description) : FuzzTarget(name, kind, description)
{
    private const int Profiles = 50;

    private readonly HttpClient _client = new() { Timeout = HttpAnswers.Patience };

    /// <inheritdoc/>
    public override int Weight => 6;

    protected SmdpLab Lab { get; private set; } = null!;

    /// <inheritdoc/>
    public override async Task StartAsync() => Lab ??= await SmdpLab.StartAsync(Profiles).ConfigureAwait(false);

    /// <inheritdoc/>
    public override async Task<bool> RunAsync(byte[] input)
    {
        if (Request(input) is not { } request)
        {
            return false;
        }

        using (request)
        {
            request.Headers.TryAddWithoutValidation("X-Admin-Protocol", "gsma/rsp/v2.5.0");
            var (status, body) = await HttpAnswers.SendAsync(_client, request).ConfigureAwait(false);

            // A function that refused answers 200 with the reason in its header.
            return status == HttpStatusCode.NoContent || (status == HttpStatusCode.OK && body.AsSpan().IndexOf("\"Failed\""u8) < 0);
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask CloseAsync()
    {
        _client.Dispose();
        if (Lab is not null)
        {
            await Lab.DisposeAsync().ConfigureAwait(false);
        }
    }

    protected abstract HttpRequestMessage? Request(byte[] input);
}

/// <summary>ES9+ in JSON: a path and a body.</summary>
internal sealed class Es9PlusJsonTarget() : SmdpTarget("es9plus-json", InputKind.Request, "ES9+ in JSON: a request")
{
    protected override HttpRequestMessage? Request(byte[] input) => HttpInput.Parse(input)?.ToMessage(Lab.Host.Es9PlusUrl, "application/json");
}

/// <summary>ES9+ in ASN.1: a body.</summary>
internal sealed class Es9PlusAsn1Target() : SmdpTarget("es9plus-asn1", InputKind.Ber, "ES9+ in ASN.1: the body of a POST")
{
    protected override HttpRequestMessage? Request(byte[] input) =>
        new HttpInput("POST", Es9PlusPaths.Asn1, [], input).ToMessage(Lab.Host.Es9PlusUrl, "application/x-gsma-rsp-asn1");
}

/// <summary>ES2+: a path and a body.</summary>
internal sealed class Es2PlusTarget() : SmdpTarget("es2plus", InputKind.Request, "ES2+: a request of an operator")
{
    private int _calls;

    /// <summary>Every call gets an identifier of its own in place of CALL, since an identifier that comes again is answered as it was.</summary>
    protected override HttpRequestMessage? Request(byte[] input) => HttpInput.Parse(input) is { } request
        ? (request with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(request.Body).Replace("CALL", $"{++_calls}", StringComparison.Ordinal)) })
            .ToMessage(Lab.Host.Es2PlusUrl, "application/json")
        : null;
}

using System.Net;
using System.Text.Json.Nodes;

namespace OpenEim.Fuzzing.Targets.Listeners;

/// <summary>ESipa of a whole eIM: any request, in the name of an eUICC that the eIM knows, with operations waiting.</summary>
internal abstract class EsipaTarget(string name, InputKind kind, string description) : FuzzTarget(name, kind, description)
{
    private const int RequestsPerOperation = 200;

    private readonly HttpClient _client = new() { Timeout = HttpAnswers.Patience };
    private int _requests;

    protected EimLab? Lab { get; private set; }

    /// <inheritdoc/>
    public override int Weight => 12;

    /// <inheritdoc/>
    public override async Task StartAsync() => Lab ??= await EimLab.StartAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public override async Task<bool> RunAsync(byte[] input)
    {
        if (_requests++ % RequestsPerOperation == 0)
        {
            await Lab!.PostAsync("/api/v1/euicc/1/operation", new JsonArray(new JsonObject { ["action"] = new JsonObject { ["id"] = 1 } })).ConfigureAwait(false);
        }

        if (Request(input) is not { } request)
        {
            return false;
        }

        using (request)
        {
            var (status, _) = await HttpAnswers.SendAsync(_client, request).ConfigureAwait(false);
            return status is HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.TooManyRequests
                || MayBe(status, input)
                ? (int)status < 300
                : throw new FindingException($"the answer is {(int)status}");
        }
    }

    /// <inheritdoc/>
    public override Task CheckAsync() => DatabaseCheck.RunAsync(Lab!.Data);

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

    /// <summary>Whether such an input may have an answer that others must not have.</summary>
    protected abstract bool MayBe(HttpStatusCode status, byte[] input);
}

/// <summary>ESipa in ASN.1: a body.</summary>
internal sealed class EsipaAsn1Target() : EsipaTarget("esipa", InputKind.Ber, "ESipa: the body of a POST")
{
    protected override HttpRequestMessage? Request(byte[] input) => Lab!.EsipaRequest(input);

    // A notification of an eUICC that is not registered: with any success the card would delete it.
    protected override bool MayBe(HttpStatusCode status, byte[] input) => status == HttpStatusCode.NotFound && input is [0xBF, 0x3D, ..];
}

/// <summary>ESipa in JSON: a path and a body.</summary>
internal sealed class EsipaJsonTarget() : EsipaTarget("esipa-json", InputKind.Request, "ESipa in JSON: a request")
{
    protected override HttpRequestMessage? Request(byte[] input) => HttpInput.Parse(input)?.ToMessage(Lab!.EsipaUrl, "application/json");

    // Paths, methods and media types are mutated too.
    protected override bool MayBe(HttpStatusCode status, byte[] input) =>
        status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.RequestHeaderFieldsTooLarge or HttpStatusCode.RequestUriTooLong;
}

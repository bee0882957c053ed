using System.Net;
using System.Text.Json.Nodes;

namespace OpenEim.Fuzzing.Targets.Listeners;

/// <summary>ESipa of a whole eIM: any body, in the name of an eUICC that the eIM knows, with operations waiting.</summary>
internal sealed class EsipaTarget() : FuzzTarget("esipa", InputKind.Ber, "ESipa: the body of a POST")
{
    private const int RequestsPerOperation = 200;

    private readonly HttpClient _client = new() { Timeout = HttpAnswers.Patience };
    private EimLab? _lab;
    private int _requests;

    /// <inheritdoc/>
    public override int Weight => 12;

    /// <inheritdoc/>
    public override async Task StartAsync() => _lab ??= await EimLab.StartAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public override async Task<bool> RunAsync(byte[] input)
    {
        if (_requests++ % RequestsPerOperation == 0)
        {
            await _lab!.PostAsync("/api/v1/euicc/1/operation", new JsonArray(new JsonObject { ["action"] = new JsonObject { ["id"] = 1 } })).ConfigureAwait(false);
        }

        using var request = _lab!.EsipaRequest(input);
        var (status, _) = await HttpAnswers.SendAsync(_client, request).ConfigureAwait(false);
        if (status == HttpStatusCode.NotFound && input is [0xBF, 0x3D, ..])
        {
            // A notification of an eUICC that is not registered: with any success the card would delete it.
            return true;
        }

        return status is HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.TooManyRequests
            ? (int)status < 300
            : throw new FindingException($"the answer is {(int)status}");
    }

    /// <inheritdoc/>
    public override Task CheckAsync() => DatabaseCheck.RunAsync(_lab!.Data);

    /// <inheritdoc/>
    protected override async ValueTask CloseAsync()
    {
        _client.Dispose();
        if (_lab is not null)
        {
            await _lab.DisposeAsync().ConfigureAwait(false);
        }
    }
}

using System.Net;

namespace OpenEim.Fuzzing.Targets.Listeners;

/// <summary>The REST API with an administrator's token: all routes. What it schedules can be delivered.</summary>
internal sealed class RestTarget() : FuzzTarget("rest", InputKind.Request, "the REST API: a request of an administrator")
{
    private readonly HttpClient _device = new() { Timeout = HttpAnswers.Patience };
    private EimLab? _lab;

    /// <inheritdoc/>
    public override int Weight => 12;

    /// <inheritdoc/>
    public override async Task StartAsync() => _lab ??= await EimLab.StartAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public override async Task<bool> RunAsync(byte[] input)
    {
        if (HttpInput.Parse(input)?.ToMessage(_lab!.Host.ApiUrl, "application/json") is not { } request)
        {
            return false;
        }

        using (request)
        {
            var (status, _) = await HttpAnswers.SendAsync(_lab!.Administrator, request).ConfigureAwait(false);
            if (status == HttpStatusCode.Unauthorized && request.Headers.Authorization is null && !await _lab.LogInAsync().ConfigureAwait(false))
            {
                // The input has taken the token away, as an administrator may.
                await _lab.DisposeAsync().ConfigureAwait(false);
                _lab = await EimLab.StartAsync().ConfigureAwait(false);
            }

            if (status == HttpStatusCode.Created)
            {
                await _lab.PollAsync(_device).ConfigureAwait(false);
            }

            return (int)status < 400;
        }
    }

    /// <inheritdoc/>
    public override Task CheckAsync() => DatabaseCheck.RunAsync(_lab!.Data);

    /// <inheritdoc/>
    protected override ValueTask CloseAsync()
    {
        _device.Dispose();
        return _lab?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}

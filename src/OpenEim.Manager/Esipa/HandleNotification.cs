using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Packages;
using OpenEim.Protocol.Sgp32;
using Message = OpenEim.Protocol.Sgp32.HandleNotification;

namespace OpenEim.Manager.Esipa;

/// <summary>ESipa HandleNotification (SGP.32 5.14.7): a device brings a notification on its own, or a whole result.</summary>
public sealed partial class HandleNotification
{
    private readonly MessageOrigin _origin;
    private readonly MessageIntake _intake;
    private readonly ProvideEimPackageResult _results;
    private readonly ILogger _logger;

    internal HandleNotification(MessageOrigin origin, MessageIntake intake, ProvideEimPackageResult results, ILogger<HandleNotification> logger) =>
        (_origin, _intake, _results, _logger) = (origin, intake, results, logger);

    /// <summary>Executes the function.</summary>
    /// <param name="request">What the IPA brings.</param>
    /// <param name="caller">Where it comes from.</param>
    /// <param name="ct">The caller's patience.</param>
    /// <returns>Null once all of it is stored, or was before; else why the card must keep it.</returns>
    public async Task<ProvideEimPackageResultError?> ExecuteAsync(Message request, EsipaCaller? caller = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        caller ??= EsipaCaller.Unknown;
        if (request.Result is { } result)
        {
            return (await _results.ExecuteAsync(result, caller, ct).ConfigureAwait(false)).Error;
        }

        if (request.Notification is not { } notification || (await _origin.OfAsync(notification, ct).ConfigureAwait(false) ?? caller.LastPolled) is not { } eid)
        {
            LogNoEid();
            return ProvideEimPackageResultError.MissingEid;
        }

        return (await _intake.TakeAsync(eid, new EimPackageResult(Notifications: [notification]), caller, ct).ConfigureAwait(false)).Error;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A notification does not say which eUICC it comes from")]
    private partial void LogNoEid();
}

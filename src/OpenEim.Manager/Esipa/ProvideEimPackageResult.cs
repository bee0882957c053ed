using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Packages;
using OpenEim.Protocol.Sgp32;
using Message = OpenEim.Protocol.Sgp32.ProvideEimPackageResult;

namespace OpenEim.Manager.Esipa;

/// <summary>ESipa ProvideEimPackageResult (SGP.32 5.14.6): a device brings what its eUICC has done with a package.</summary>
public sealed partial class ProvideEimPackageResult
{
    private readonly MessageOrigin _origin;
    private readonly MessageIntake _intake;
    private readonly ILogger _logger;

    internal ProvideEimPackageResult(MessageOrigin origin, MessageIntake intake, ILogger<ProvideEimPackageResult> logger) =>
        (_origin, _intake, _logger) = (origin, intake, logger);

    /// <summary>Executes the function: acknowledged once everything that follows from the result is stored.</summary>
    /// <param name="request">What the IPA brings.</param>
    /// <param name="caller">Where it comes from.</param>
    /// <param name="ct">The caller's patience.</param>
    public async Task<ProvideEimPackageResultResponse> ExecuteAsync(Message request, EsipaCaller? caller = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        caller ??= EsipaCaller.Unknown;

        // 1. Which eUICC: the EID, the transaction, a certificate inside, or the last poll of the connection.
        if ((await _origin.OfAsync(request, ct).ConfigureAwait(false) ?? caller.LastPolled) is not { } eid)
        {
            LogNoEid();
            return new ProvideEimPackageResultResponse(null, ProvideEimPackageResultError.MissingEid);
        }

        // 2. Every signature is checked without a lock. 3. What was proved is stored, under the lock of the eUICC's row.
        return await _intake.TakeAsync(eid, request.Result, caller with { NamesEid = request.Eid is not null }, ct).ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A result does not say which eUICC it comes from")]
    private partial void LogNoEid();
}

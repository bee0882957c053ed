using System.Globalization;
using Microsoft.Extensions.Logging;
using OpenEim.Manager.Euiccs;
using OpenEim.Manager.Exchanges;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Manager.Packages;

/// <summary>Takes note of answers that prove nothing: they end nothing, and the package is held back from their sender for a while (docs/decisions/0009).</summary>
internal sealed partial class UnprovedAnswers(EimIdentity identity, ExchangeStore exchanges, EimOptions options, ILogger<UnprovedAnswers> logger)
{
    /// <summary>After so many packages that an eUICC answers like that it is not the token.</summary>
    private const int MostTokens = 6;

    /// <summary>The IPA could not use what it got: what is in flight, where it does not say (SGP.32 3.2.3). Unsigned, so it changes no state; the package is held back for a while.</summary>
    public async ValueTask HoldAsync(LockedEuicc euicc, EimPackageResultError error)
    {
        LogIpaError(euicc.Eid, error.Code);
        if (await FindAsync(euicc, error.TransactionId).ConfigureAwait(false) is { } exchange)
        {
            await exchange.RefusedAsync(euicc, $"{ExchangeNotes.Unusable}{WordsOf(error.Code)}", options).ConfigureAwait(false);
        }
    }

    /// <summary>A result whose signature does not verify: the package is held back for a while.</summary>
    /// <param name="euicc">The eUICC's locked row.</param>
    /// <param name="exchange">The package that it says it is of.</param>
    /// <param name="evidence">What the signatures of its message are worth.</param>
    public async ValueTask HoldAsync(LockedEuicc euicc, Exchange? exchange, Evidence evidence)
    {
        if (exchange is { Kind: ExchangeKind.EuiccPackage })
        {
            var why = evidence.Refusals.FirstOrDefault(refusal => refusal.Part == "result")?.Why;
            await exchange.RefusedAsync(euicc, ExchangeNotes.Unverifiable + NoteOf(why), options).ConfigureAwait(false);
        }
    }

    private static string NoteOf(Distrust? why) => why switch
    {
        Distrust.OtherEim => "it answers another eIM",
        Distrust.UnknownKey => "the eUICC's certificate is not known yet",
        _ => "its signature does not verify with the eUICC's key",
    };

    /// <summary>Arm A2 of BF51: the eUICC has refused the package, and nobody has signed that.</summary>
    public async ValueTask HoldAsync(LockedEuicc euicc, EuiccPackageErrorUnsigned unsigned)
    {
        LogUnsigned(euicc.Eid, unsigned.Code);
        if (unsigned.EimId == identity.EimId
            && await FindAsync(euicc, unsigned.TransactionId).ConfigureAwait(false) is { Kind: ExchangeKind.EuiccPackage } exchange)
        {
            await ReconsiderTokenAsync(euicc, exchange, unsigned).ConfigureAwait(false);
            await exchange.RefusedAsync(euicc, ExchangeNotes.Unsigned + WordsOf(unsigned), options).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// An eUICC whose token we do not know answers like that. While no signature has proved a token, the one that it tells is tried, then any other
    /// that was claimed, then it is asked: the package is made anew with it. Each of them but the first waits for the hold.
    /// </summary>
    private static async ValueTask ReconsiderTokenAsync(LockedEuicc euicc, Exchange exchange, EuiccPackageErrorUnsigned unsigned)
    {
        if (euicc.SignatureRule != SignatureRule.Unknown || exchange is not { Kind: ExchangeKind.EuiccPackage, Answered: null }
            || await Exchange.CountUnsignedAsync(euicc).ConfigureAwait(false) >= MostTokens)
        {
            return;
        }

        if (unsigned.AssociationToken is { } told && euicc.ClaimToken(told))
        {
            exchange.Land(euicc);
        }
        else if (exchange.Deliveries > 1)
        {
            if (!euicc.TryOtherToken())
            {
                euicc.Add(EuiccTasks.Identify);
            }

            exchange.Land(euicc);
        }
    }

    private async ValueTask<Exchange?> FindAsync(LockedEuicc euicc, TransactionId? id) => (id?.ToBytes() ?? euicc.InFlight) is { } transaction
        ? await exchanges.FindAsync(euicc, transaction).ConfigureAwait(false)
        : null;

    private static string WordsOf(EuiccPackageErrorUnsigned unsigned) => unsigned.Code switch
    {
        null => "the eUICC does not know this eIM or its key",
        (int)EuiccPackageErrorCode.SizeOverflow => "the package is too large",
        { } code => string.Create(CultureInfo.InvariantCulture, $"error {code}"),
    };

    private static string WordsOf(EimPackageResultErrorCode code) => code switch
    {
        EimPackageResultErrorCode.InvalidPackageFormat => "it cannot read it",
        EimPackageResultErrorCode.UnknownPackage => "it does not know this kind of package",
        _ => string.Create(CultureInfo.InvariantCulture, $"error {(int)code}"),
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: its IPA could not use the package: {Code}")]
    private partial void LogIpaError(Eid eid, EimPackageResultErrorCode code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: unsigned package error {Code}; nothing is changed by it")]
    private partial void LogUnsigned(Eid eid, int? code);
}

using System.Buffers;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp32;

/// <summary>What SGP.32 has for requests that are well formed but for their EID: an error of the function, where others get none.</summary>
public static class WrongEid
{
    // Two decimal digits in each byte.
    private static readonly SearchValues<byte> Digits = SearchValues.Create(
        [.. Enumerable.Range(0, 100).Select(number => (byte)(((number / 10) << 4) | (number % 10)))]);

    /// <summary>The answer to a request that could not be decoded: missingEid or invalidEid.</summary>
    /// <returns>Null when something else is wrong with it, or the function has no such error.</returns>
    public static IBerMessage? AnswerTo(ReadOnlyMemory<byte> message)
    {
        try
        {
            var outer = new BerReader(message);
            var function = outer.PeekTag();
            return function switch
            {
                Sgp32Tags.GetEimPackage when ErrorOf(outer.Inside(function), mayLack: false) is { } error =>
                    new GetEimPackageResponse(null, error),
                Sgp32Tags.ProvideEimPackageResult when ErrorOf(outer.Inside(function), mayLack: true) is { } error =>
                    new ProvideEimPackageResultResponse(null, (ProvideEimPackageResultError)(int)error),
                _ => null,
            };
        }
        catch (ProtocolException)
        {
            // Its frame is broken, which is no matter of the EID.
            return null;
        }
    }

    private static GetEimPackageError? ErrorOf(BerReader fields, bool mayLack)
    {
        if (!fields.NextIs(Sgp22Tags.EidValue))
        {
            // What may follow the EID, or nothing: so it was left out.
            return !mayLack && fields.PeekTag() is 0 or 0x80 or 0x81 or 0x82 ? GetEimPackageError.MissingEid : null;
        }

        var value = fields.ReadValue(Sgp22Tags.EidValue).Span;
        return value.Length == Eid.ByteLength && !value.ContainsAnyExcept(Digits) ? null : GetEimPackageError.InvalidEid;
    }
}

using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>ES10b CancelSession, tag BF41 (SGP.22 5.7.14): ends the session, and signs for the SM-DP+ that it has ended.</summary>
internal static class CancelSession
{
    public static CancelSessionResponse Execute(EuiccCore core, ReadOnlyMemory<byte> encoded)
    {
        var request = BerMessage.Decode<CancelSessionRequest>(encoded);
        if (core.Session?.Server is not { } server || server.TransactionId != request.TransactionId)
        {
            return new CancelSessionResponse(null, CancelSessionResponseError.InvalidTransactionId);
        }

        var signed = new EuiccCancelSessionSigned(server.TransactionId, ObjectIdentifier.ToBytes(server.Oid), request.Reason).Encode();
        core.ChangeSession(null);
        return new CancelSessionResponse(new CancelSessionResponseOk(signed, core.Sign(signed)));
    }
}

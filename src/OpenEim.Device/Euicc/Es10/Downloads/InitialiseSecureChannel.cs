using System.Security.Cryptography;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Security;
using OpenEim.Protocol.Security.Bsp;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>ES8+ InitialiseSecureChannel, tag BF23 behind the header of BF36 (SGP.22 5.5.1): the package is for this card and this session.</summary>
internal static class InitialiseSecureChannel
{
    /// <summary>Checks the beginning of a package and derives its keys.</summary>
    /// <returns>Null when the parts of the package may follow.</returns>
    public static InstallationFinalResult.Failure? Execute(
        EuiccCore core, DownloadSession session, AuthenticatedServer server, PreparedDownload prepared, ReadOnlyMemory<byte> segment)
    {
        InitialiseSecureChannelRequest request;
        int rest;
        try
        {
            if (!SegmentHeader.TryRead(segment.Span, tagLength: 2, out var header))
            {
                return Failure(InstallationErrorReason.IncorrectInputValues);
            }

            var content = segment[header.Length..];
            request = BerMessage.Decode<InitialiseSecureChannelRequest>(content);
            rest = header.ContentLength - content.Length;
        }
        catch (ProtocolException)
        {
            // The standard has an answer of its own to a malformed command.
            return Failure(InstallationErrorReason.IncorrectInputValues);
        }

        return Check(server, prepared, request) is { } reason
            ? Failure(reason)
            : Derive(core, session, prepared, request, rest);
    }

    private static InstallationErrorReason? Check(AuthenticatedServer server, PreparedDownload prepared, InitialiseSecureChannelRequest request)
    {
        var signed = InitialiseSecureChannelRequest.SignedWith(request.SignedData.Span, prepared.OneTimeKey.PublicKey.Point);
        if (!prepared.SmdpKey.Verify(signed, request.Signature.Span))
        {
            return InstallationErrorReason.InvalidSignature;
        }

        if (request.TransactionId != server.TransactionId)
        {
            return InstallationErrorReason.InvalidTransactionId;
        }

        if (request.RemoteOpId != InitialiseSecureChannelRequest.InstallBoundProfilePackage)
        {
            return InstallationErrorReason.UnsupportedRemoteOperationType;
        }

        return request.ControlRefTemplate is { KeyType: ControlRefTemplate.Aes, KeyLength: ControlRefTemplate.Aes128Length }
            ? null
            : InstallationErrorReason.UnsupportedCrtValues;
    }

    private static InstallationFinalResult.Failure? Derive(
        EuiccCore core, DownloadSession session, PreparedDownload prepared, InitialiseSecureChannelRequest request, int rest)
    {
        byte[] secret = [];
        try
        {
            secret = prepared.OneTimeKey.Agree(EcPublicKey.FromPoint(prepared.OneTimeKey.Curve, request.SmdpOtpk.Span));
            var keys = BspSession.Derive(secret, request.ControlRefTemplate.HostId.Span, Eid.Parse(core.Identity.Eid));
            session.Load(new BoundProfileLoading(new BoundProfileReader(keys), core, session.Server!.Oid, rest));
            return null;
        }
        catch (ProtocolException)
        {
            // The SM-DP+'s one-time key is no point of the curve.
            return Failure(InstallationErrorReason.IncorrectInputValues);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static InstallationFinalResult.Failure Failure(InstallationErrorReason reason) => new(BppCommandId.InitialiseSecureChannel, reason);
}

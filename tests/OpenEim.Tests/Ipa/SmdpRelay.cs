using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp32;
using OpenEim.Tests.Euicc;

namespace OpenEim.Tests.Ipa;

/// <summary>What an eIM does in an indirect download, without a network behind it: to be a <see cref="FakeEim"/>'s Instead.</summary>
internal sealed class SmdpRelay(TestSmdp smdp)
{
    /// <summary>Refuses a function, by its tag, where it returns an error.</summary>
    public Func<uint, int?> Refuses { get; set; } = _ => null;

    /// <summary>The answer to a relayed function; null for any other message.</summary>
    public byte[]? Answer(byte[] body)
    {
        var function = new BerReader(body).PeekTag();
        if (function is not (0xBF39 or 0xBF3A or 0xBF3B or 0xBF3D or 0xBF41))
        {
            return null;
        }

        if (Refuses(function) is { } error)
        {
            return BerWriting.Encode(writer => WriteError(writer, function, error));
        }

        return EsipaRequest.Decode(body) switch
        {
            InitiateAuthenticationRequestEsipa initiate => Initiate(initiate),
            AuthenticateClientRequestEsipa client => new Protocol.Sgp22.Es9Plus.AuthenticateClientResponseEs9(
                smdp.AuthenticateClient(client.TransactionId, client.AuthenticateServerResponse)).Encode(),
            GetBoundProfilePackageRequestEsipa get => new Protocol.Sgp22.Es9Plus.GetBoundProfilePackageResponse(
                new Protocol.Sgp22.Es9Plus.GetBoundProfilePackageOk(
                    get.TransactionId, smdp.GetBoundProfilePackage(get.TransactionId, get.PrepareDownloadResponse))).Encode(),
            CancelSessionRequestEsipa cancel => Cancel(cancel),
            HandleNotification { Notification: { } notification } => Notify(notification),
            var other => throw new InvalidOperationException(other.ToString()),
        };
    }

    private byte[] Initiate(InitiateAuthenticationRequestEsipa initiate)
    {
        Assert.NotNull(initiate.EuiccInfo1);
        return new Protocol.Sgp22.Es9Plus.InitiateAuthenticationResponse(smdp.InitiateAuthentication(initiate.EuiccChallenge)).Encode();
    }

    private byte[] Cancel(CancelSessionRequestEsipa cancel)
    {
        smdp.CancelSession(cancel.TransactionId, cancel.CancelSessionResponse);
        return Convert.FromHexString("BF4102A000");
    }

    private static void WriteError(AsnWriter writer, uint function, int error)
    {
        using (writer.Constructed(function))
        {
            writer.Integer(function == 0xBF3B ? 0x82u : 0x81u, error);
        }
    }

    private byte[] Notify(PendingNotification notification)
    {
        smdp.HandleNotification(notification);
        return [];
    }
}

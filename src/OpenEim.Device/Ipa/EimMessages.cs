using System.Formats.Asn1;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp32;

namespace OpenEim.Device.Ipa;

/// <summary>What an IPA sends to an eIM, in the words of its version of SGP.32 (6.3): what the card gave goes in as it came.</summary>
internal sealed class EimMessages(Eid eid, Sgp32Version version)
{
    /// <summary>Whether notifications travel in the same message as a package result.</summary>
    public bool BundlesNotifications => version != Sgp32Version.V13;

    /// <summary>GetEimPackage, BF4F. v1.0 knows no cause.</summary>
    public byte[] GetPackage(StateChangeCause? cause) =>
        new GetEimPackageRequest(eid, cause is not null, version == Sgp32Version.V10 ? null : cause).Encode();

    /// <summary>ProvideEimPackageResult, BF50, with BF51: alone, or bundled with notifications as 30{BF51, A0}; v1.0 always bundles, as 30{BF51, BF2B{A0}}.</summary>
    public byte[] PackageResult(ReadOnlyMemory<byte> result, IReadOnlyList<ReadOnlyMemory<byte>> notifications) => Provide(writer =>
    {
        if (version != Sgp32Version.V10 && notifications.Count == 0)
        {
            writer.Raw(result.Span);
            return;
        }

        using (writer.Constructed(0x30))
        {
            writer.Raw(result.Span);
            if (version == Sgp32Version.V10)
            {
                using (writer.Constructed(0xBF2B))
                {
                    WriteList(writer, notifications);
                }
            }
            else
            {
                WriteList(writer, notifications);
            }
        }
    });

    /// <summary>ProvideEimPackageResult, BF50, with BF52 or BF54.</summary>
    public byte[] Provide(ReadOnlyMemory<byte> content) => Provide(writer => writer.Raw(content.Span));

    /// <summary>ProvideEimPackageResult, BF50, with an error: the IPA could not use what it got. In v1.0 a bare INTEGER.</summary>
    public byte[] Error(TransactionId? transaction, EimPackageResultErrorCode code) => Provide(writer =>
    {
        if (version == Sgp32Version.V10)
        {
            writer.Integer(0x02, (int)code);
        }
        else
        {
            new EimPackageResultError(transaction, code).Encode(writer);
        }
    });

    /// <summary>HandleNotification, BF3D{A0}.</summary>
    public byte[] Notification(ReadOnlyMemory<byte> notification) => Finish(BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0xBF3D))
        using (writer.Constructed(0xA0))
        {
            writer.Raw(notification.Span);
        }
    }));

    /// <summary>What a card has signed, as this IPA passes it on: v1.0 drops on the way what it does not know.</summary>
    public ReadOnlyMemory<byte> Signed(ReadOnlyMemory<byte> answer) =>
        version == Sgp32Version.V10 ? ReencodingV10.Apply(answer) : answer;

    // v1.0 does not say whose result it is.
    private byte[] Provide(Action<AsnWriter> content) => Finish(BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0xBF50))
        {
            if (version != Sgp32Version.V10)
            {
                writer.EidValue(eid);
            }

            content(writer);
        }
    }));

    private byte[] Finish(byte[] message) => version == Sgp32Version.V10 ? ReencodingV10.Apply(message) : message;

    private static void WriteList(AsnWriter writer, IReadOnlyList<ReadOnlyMemory<byte>> items)
    {
        using (writer.Constructed(0xA0))
        {
            foreach (var item in items)
            {
                writer.Raw(item.Span);
            }
        }
    }
}

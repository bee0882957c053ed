using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>SGP.22 ProfileInstallationResult, tag BF37: how an eUICC ended the installation of a bound profile package.</summary>
/// <param name="Encoded">The whole TLV.</param>
/// <param name="SignedData">The BF27 TLV: the signed bytes.</param>
/// <param name="TransactionId">The SM-DP+'s transaction.</param>
/// <param name="Metadata">Sequence number, event, receiver and ICCID.</param>
/// <param name="SmdpOid">The SM-DP+'s OID: the value bytes of the OBJECT IDENTIFIER.</param>
/// <param name="IsSuccess">Whether the profile is installed.</param>
/// <param name="BppCommandId">On failure: the ES8+ command that failed (SGP.22 BppCommandId).</param>
/// <param name="ErrorReason">On failure: SGP.22 ErrorReason.</param>
/// <param name="Signature">Raw r‖s.</param>
public sealed record ProfileInstallationResult(
    ReadOnlyMemory<byte> Encoded,
    ReadOnlyMemory<byte> SignedData,
    TransactionId TransactionId,
    NotificationMetadata Metadata,
    ReadOnlyMemory<byte> SmdpOid,
    bool IsSuccess,
    int? BppCommandId,
    int? ErrorReason,
    ReadOnlyMemory<byte> Signature) : PendingNotification(Encoded)
{
    /// <inheritdoc/>
    public override NotificationMetadata Metadata { get; } = Metadata;

    internal static ProfileInstallationResult Parse(ReadOnlyMemory<byte> encoded)
    {
        var outer = new BerReader(encoded);
        var inner = outer.ReadConstructed(0xBF37);
        var signed = inner.ReadEncoded(0xBF27);
        var signature = inner.ReadValue(0x5F37, 1, 128);
        inner.SkipUnknown();

        var signedReader = new BerReader(signed);
        var data = signedReader.ReadConstructed(0xBF27);
        var transactionId = data.ReadTransactionId(0x80);
        var metadata = NotificationMetadata.Decode(ref data);
        var oid = data.ReadValue(0x06, 1, 64);
        var final = data.ReadConstructed(0xA2);
        int? command = null, reason = null;
        var success = final.NextIs(0xA0);
        var arm = final.ReadConstructed(success ? 0xA0u : 0xA1u);
        if (!success)
        {
            command = arm.ReadInt32(0x80);
            reason = arm.ReadInt32(0x81);
        }

        arm.SkipUnknown();
        data.SkipUnknown();
        return new ProfileInstallationResult(encoded, signed, transactionId, metadata, oid, success, command, reason, signature);
    }
}

using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Protocol.Sgp22;

/// <summary>ES10b ProfileInstallationResult, tag BF37 (SGP.22 5.7.6): how an eUICC ended the installation of a bound profile package.</summary>
/// <param name="Encoded">The whole TLV.</param>
/// <param name="SignedData">The BF27 TLV: the signed bytes.</param>
/// <param name="TransactionId">The SM-DP+'s transaction; null when it cannot be read.</param>
/// <param name="Metadata">Sequence number, event, receiver and ICCID.</param>
/// <param name="SmdpOid">The SM-DP+'s OID: the value bytes of the OBJECT IDENTIFIER; null when it cannot be read.</param>
/// <param name="FinalResult">A2: success or failure.</param>
/// <param name="Signature">Raw r‖s.</param>
public sealed record ProfileInstallationResult(
    ReadOnlyMemory<byte> Encoded,
    ReadOnlyMemory<byte> SignedData,
    TransactionId? TransactionId,
    NotificationMetadata Metadata,
    ReadOnlyMemory<byte>? SmdpOid,
    InstallationFinalResult FinalResult,
    ReadOnlyMemory<byte> Signature) : PendingNotification(Encoded)
{
    /// <inheritdoc/>
    /// <remarks>Its unreadable values are those of the whole result.</remarks>
    public override NotificationMetadata Metadata { get; } = Metadata;

    /// <summary>Whether the profile is installed.</summary>
    public bool IsSuccess => FinalResult is InstallationFinalResult.Success;

    /// <summary>Writes the BF27 TLV, which the eUICC then signs.</summary>
    public static byte[] EncodeData(
        TransactionId transactionId, NotificationMetadata metadata, ReadOnlyMemory<byte> smdpOid, InstallationFinalResult finalResult) =>
        BerWriting.Encode(writer =>
        {
            using (writer.Constructed(Sgp22Tags.ProfileInstallationResultData))
            {
                writer.Transaction(0x80, transactionId);
                metadata.Encode(writer);
                writer.Octets(0x06, smdpOid.Span);
                finalResult.Write(writer);
            }
        });

    /// <summary>Puts a result together from its signed part and the signature.</summary>
    /// <exception cref="ProtocolException">The signed part is not a ProfileInstallationResultData.</exception>
    public static ProfileInstallationResult Create(ReadOnlyMemory<byte> signedData, ReadOnlyMemory<byte> signature) =>
        Parse(BerWriting.Encode(writer =>
        {
            using (writer.Constructed(Sgp22Tags.ProfileInstallationResult))
            {
                writer.Raw(signedData.Span);
                writer.Octets(Sgp22Tags.Signature, signature.Span);
            }
        }));

    internal static ProfileInstallationResult Parse(ReadOnlyMemory<byte> encoded)
    {
        var outer = new BerReader(encoded);
        var inner = outer.ReadConstructed(Sgp22Tags.ProfileInstallationResult);
        var signed = inner.ReadEncoded(Sgp22Tags.ProfileInstallationResultData);
        var signature = inner.ReadValue(Sgp22Tags.Signature, 1, 128);
        inner.SkipUnknown();
        return ReadData(encoded, signed, signature);
    }

    private static ProfileInstallationResult ReadData(ReadOnlyMemory<byte> encoded, ReadOnlyMemory<byte> signed, ReadOnlyMemory<byte> signature)
    {
        var unreadable = new UnreadableValues();
        var fields = new ContentReader(new BerReader(signed).Inside(Sgp22Tags.ProfileInstallationResultData), unreadable);
        var (id, oid) = ((TransactionId?)null, (ReadOnlyMemory<byte>?)null);
        var metadata = new NotificationMetadata(null, null, null, null);
        InstallationFinalResult result = new InstallationFinalResult.Unreadable(ReadOnlyMemory<byte>.Empty, "finalResult is missing");
        while (fields.Read())
        {
            switch (fields.Tag)
            {
                case 0x80: id = fields.TransactionId(); break;
                case Sgp22Tags.NotificationMetadata: metadata = NotificationMetadata.Read(fields.Inside()); break;
                case 0x06: oid = fields.Bytes(1, 64); break;
                case 0xA2: result = InstallationFinalResult.Read(fields); break;
            }
        }

        metadata = metadata with { Unreadable = unreadable.ToList() };
        return new ProfileInstallationResult(encoded, signed, id, metadata, oid, result, signature);
    }
}

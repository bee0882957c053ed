using System.Formats.Asn1;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Identifiers;

/// <summary>Reads and writes the identifiers under their usual tags.</summary>
public static class IdentifierReading
{
    /// <summary>Reads an EID, tag 5A.</summary>
    public static Eid ReadEid(this ref BerReader reader) => Eid.FromBytes(reader.ReadValue(Sgp22Tags.EidValue, Eid.ByteLength, Eid.ByteLength).Span);

    /// <summary>Reads an ICCID, tag 5A.</summary>
    public static Iccid ReadIccid(this ref BerReader reader) => Iccid.FromBytes(reader.ReadValue(Sgp22Tags.Iccid, Iccid.ByteLength, Iccid.ByteLength).Span);

    /// <summary>Reads a transaction id.</summary>
    public static TransactionId ReadTransactionId(this ref BerReader reader, uint tag) =>
        TransactionId.FromBytes(reader.ReadValue(tag, 1, TransactionId.MaxLength).Span);

    /// <summary>Reads a transaction id if the next TLV carries <paramref name="tag"/>.</summary>
    public static TransactionId? TryReadTransactionId(this ref BerReader reader, uint tag) =>
        reader.NextIs(tag) ? reader.ReadTransactionId(tag) : null;

    /// <summary>Writes an EID, tag 5A.</summary>
    public static void EidValue(this AsnWriter writer, Eid eid) => writer.Octets(Sgp22Tags.EidValue, eid.ToBytes());

    /// <summary>Writes an ICCID, tag 5A.</summary>
    public static void IccidValue(this AsnWriter writer, Iccid iccid) => writer.Octets(Sgp22Tags.Iccid, iccid.ToBytes());

    /// <summary>Writes a transaction id if there is one.</summary>
    public static void Transaction(this AsnWriter writer, uint tag, TransactionId? id)
    {
        if (id is { } present)
        {
            writer.Octets(tag, present.ToBytes());
        }
    }
}

using OpenEim.Protocol.Ber;
using OpenEim.Storage;

namespace OpenEim.Smdp.Es9Plus;

/// <summary>One package that has left, bound to one eUICC's one-time key.</summary>
internal sealed class DeliveryRow
{
    private const string Columns = """
        transaction_id, iccid, eid, euicc_certificate, euicc_otpk, smdp_otpk, initialise_secure_channel, segments, delivered, result
        """;

    private const string Insert = $"""
        INSERT INTO delivery ({Columns})
        VALUES (@TransactionId, @Iccid, @Eid, @EuiccCertificate, @EuiccOtpk, @SmdpOtpk, @InitialiseSecureChannel, @Segments, @Delivered, @Result)
        """;

    public required byte[] TransactionId { get; init; }

    public required string Iccid { get; init; }

    public required byte[] Eid { get; init; }

    /// <summary>Verifies the installation result.</summary>
    public required byte[] EuiccCertificate { get; init; }

    public required byte[] EuiccOtpk { get; init; }

    public required byte[] SmdpOtpk { get; init; }

    /// <summary>BF23; null once the result is known.</summary>
    public byte[]? InitialiseSecureChannel { get; init; }

    /// <summary>A0 to A3; null once the result is known.</summary>
    public byte[]? Segments { get; init; }

    public long Delivered { get; init; }

    /// <summary>Null not known, 0 not installed, 1 installed.</summary>
    public int? Result { get; init; }

    /// <summary>Whether its result is awaited, so that it may be delivered again.</summary>
    public bool IsOpen => Result is null && Segments is not null;

    /// <summary>The delivery of a transaction.</summary>
    public static ValueTask<DeliveryRow?> FindAsync(DbSession session, ReadOnlyMemory<byte> transactionId) =>
        session.QueryFirstOrDefaultAsync<DeliveryRow>(
            $"SELECT {Columns} FROM delivery WHERE transaction_id = @id", new { id = transactionId.ToArray() });

    /// <summary>A delivery by its number, read alone.</summary>
    public static ValueTask<DeliveryRow?> FindAsync(Database database, long id, CancellationToken ct) =>
        database.ReadFirstOrDefaultAsync<DeliveryRow>($"SELECT {Columns} FROM delivery WHERE id = @id", new { id }, ct);

    /// <summary>Records the result of a delivery, whose bytes are then no longer needed.</summary>
    public static async ValueTask EndAsync(DbSession session, byte[] transactionId, bool installed) =>
        await session.SendAsync(
            "UPDATE delivery SET result = @result, initialise_secure_channel = NULL, segments = NULL WHERE transaction_id = @transactionId",
            new { transactionId, result = installed ? 1 : 0 }).ConfigureAwait(false);

    public async ValueTask InsertAsync(DbSession session) => await session.SendAsync(Insert, this).ConfigureAwait(false);

    /// <summary>The whole package, tag BF36.</summary>
    public byte[] ToBoundProfilePackage() => BerWriting.Encode(writer =>
    {
        using (writer.Constructed(0xBF36))
        {
            writer.Raw(InitialiseSecureChannel);
            writer.Raw(Segments);
        }
    });
}

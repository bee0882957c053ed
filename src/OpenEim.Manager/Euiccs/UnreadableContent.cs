using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Identifiers;

namespace OpenEim.Manager.Euiccs;

/// <summary>Keeps the values that an eUICC has signed and that nobody could read, each once, so that people can look at them.</summary>
internal sealed partial class UnreadableContent(ILogger<UnreadableContent> logger)
{
    /// <summary>The most values of one message that are kept.</summary>
    public const int MaxValues = 100;

    private const string Insert = """
        INSERT INTO unreadable (eid, hash, message, tag, encoded, reason, received)
        VALUES (@Eid, @Hash, @Message, @Tag, @Encoded, @Reason, @Now) ON CONFLICT (eid, hash) DO NOTHING
        """;

    /// <summary>Keeps the values of one message, and tells of them in one line unless all are kept already.</summary>
    /// <param name="euicc">The eUICC's locked row.</param>
    /// <param name="values">Each with the tag of what the eUICC has signed.</param>
    public async ValueTask KeepAsync(LockedEuicc euicc, IReadOnlyList<(uint Message, UnreadableValue Value)> values)
    {
        var added = 0;
        foreach (var (message, value) in values.Take(MaxValues))
        {
            added += await euicc.Session.ExecuteAsync(Insert, new
            {
                Eid = euicc.EidBytes,
                Hash = HashOf(message, value),
                Message = (long)message,
                Tag = (long)value.Tag,
                Encoded = value.Encoded.ToArray(),
                Reason = value.Reason,
                euicc.Now,
            }).ConfigureAwait(false);
        }

        if (added > 0)
        {
            LogUnreadable(euicc.Eid, values.Count, values[0].Value.Reason);
        }
    }

    private static byte[] HashOf(uint message, UnreadableValue value)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> tags = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(tags, message);
        BinaryPrimitives.WriteUInt32BigEndian(tags[4..], value.Tag);
        hash.AppendData(tags);
        hash.AppendData(value.Encoded.Span);
        return hash.GetHashAndReset();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "eUICC {Eid}: {Count} values that it has signed cannot be read and are kept; the first: {Reason}")]
    private partial void LogUnreadable(Eid eid, int count, string reason);
}

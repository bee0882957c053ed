using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OpenEim.Manager.Queries;

/// <summary>Where a page ends, in the links to those beside it: what its row is sorted by. A list is walked on from there without its beginning.</summary>
/// <remarks>
/// Base64url of: the number of columns, plus 80h when a count follows; for each column 2 × the field's number, plus 1 when it is descending; the
/// values, whole numbers with 8 bytes; and the first 4 bytes of SHA-256 of the filter when its list was counted up to the bound. It holds
/// nothing that the row's owner does not see, and is no secret: it narrows a list, whatever it says.
/// </remarks>
internal sealed class PageHint
{
    private const int MaxLength = 64; // characters
    private const int NumberLength = 8;
    private const int FilterHashLength = 4;
    private const byte WasCounted = 0x80;

    private readonly byte[] _filterHash;

    private PageHint(bool isBefore, IReadOnlyList<object> key, byte[] filterHash)
    {
        IsBefore = isBefore;
        Key = key;
        _filterHash = filterHash;
    }

    /// <summary>Whether the page that ends before the row is asked for, rather than the one that begins after it.</summary>
    public bool IsBefore { get; }

    /// <summary>A whole number or bytes for each column of the order.</summary>
    public IReadOnlyList<object> Key { get; }

    /// <summary>The hint of a request, or null when it has none.</summary>
    /// <exception cref="QueryException">It is none, or one for another order.</exception>
    public static PageHint? Of(PageRequest page, QueryOrder order) => (page.After, page.Before) switch
    {
        (null, null) => null,
        ({ } after, null) => Decode("after", after, order),
        (null, { } before) => Decode("before", before, order),
        _ => throw Refused("after and before cannot both be followed"),
    };

    /// <summary>The hint of a row.</summary>
    /// <param name="order">Of the list.</param>
    /// <param name="valueOf">The row's value of a field.</param>
    /// <param name="countedFilter">The filter when its list was counted up to the bound, so that it need not be counted again; else null.</param>
    public static string Encode(QueryOrder order, Func<string, object> valueOf, string? countedFilter)
    {
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write(Header(order, countedFilter is not null));
        foreach (var column in order.Columns)
        {
            if (valueOf(column.Field.Name) is byte[] value)
            {
                bytes.Write(value);
            }
            else
            {
                BinaryPrimitives.WriteInt64BigEndian(bytes.GetSpan(NumberLength), (long)valueOf(column.Field.Name));
                bytes.Advance(NumberLength);
            }
        }

        bytes.Write(countedFilter is null ? [] : HashOf(countedFilter));
        return Base64Url.EncodeToString(bytes.WrittenSpan);
    }

    /// <summary>Whether the list with this filter was counted up to the bound when the hint was made.</summary>
    public bool HasCounted(string? filter) => filter is not null && _filterHash.AsSpan().SequenceEqual(HashOf(filter));

    private static PageHint Decode(string parameter, string text, QueryOrder order)
    {
        Span<byte> buffer = stackalloc byte[MaxLength];
        if (text.Length > MaxLength || Base64Url.DecodeFromChars(text, buffer, out _, out var length) != OperationStatus.Done || length == 0)
        {
            throw Refused($"{parameter} is not what a link of this list has");
        }

        var bytes = (ReadOnlySpan<byte>)buffer[..length];
        var wasCounted = (bytes[0] & WasCounted) != 0;
        var header = Header(order, wasCounted);
        if (!bytes.StartsWith(header))
        {
            throw Refused($"{parameter} is not of a link of this list with the same sort");
        }

        var rest = bytes[header.Length..];
        if (rest.Length != order.Columns.Sum(LengthOf) + (wasCounted ? FilterHashLength : 0))
        {
            throw Refused($"{parameter} is not what a link of this list has");
        }

        var key = new List<object>();
        foreach (var column in order.Columns)
        {
            key.Add(column.Field.ByteLength is null ? BinaryPrimitives.ReadInt64BigEndian(rest) : rest[..LengthOf(column)].ToArray());
            rest = rest[LengthOf(column)..];
        }

        return new PageHint(parameter == "before", key, rest.ToArray());
    }

    private static byte[] Header(QueryOrder order, bool wasCounted) =>
    [
        (byte)(order.Columns.Count | (wasCounted ? WasCounted : 0)),
        .. order.Columns.Select(column => (byte)((2 * column.Number) | (column.IsDescending ? 1 : 0))),
    ];

    private static int LengthOf(SortColumn column) => column.Field.ByteLength ?? NumberLength;

    private static byte[] HashOf(string filter) => SHA256.HashData(Encoding.UTF8.GetBytes(filter))[..FilterHashLength];

    private static QueryException Refused(string message) => new(message) { Part = QueryPart.Page };
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OpenEim.Protocol;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Security.Bsp;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Device.Euicc.Es10.Downloads;

/// <summary>A bound profile package on its way into the card, in volatile memory until it is whole.</summary>
/// <param name="reader">Opens the segments; owned by this object.</param>
/// <param name="core">The card.</param>
/// <param name="smdpOid">The SM-DP+'s OID, dotted.</param>
/// <param name="announced">How many bytes of the package follow, as its header says.</param>
internal sealed class BoundProfileLoading(BoundProfileReader reader, EuiccCore core, string smdpOid, int announced) : IDisposable
{
    /// <summary>The longest command of ES8+, in bytes: StoreMetadata with an icon fits twice.</summary>
    private const int MaxCommand = 4 * 1024;

    private readonly List<byte> _content = [];
    private int _left = announced;
    private int _leftInPart;
    private byte[]? _package;

    /// <summary>What the profile says of itself; null until StoreMetadata is through.</summary>
    public StoreMetadataRequest? Metadata { get; private set; }

    /// <summary>Whether the last segment has come.</summary>
    public bool IsComplete => _package is not null;

    /// <summary>The profile package; the caller gets it for good.</summary>
    public byte[] Package => _package ?? throw new InvalidOperationException("the package is not complete");

    /// <summary>Takes the beginning of a part, alone or with segments behind it, or the next segment.</summary>
    /// <returns>Null when all is well so far.</returns>
    public InstallationFinalResult.Failure? Take(ReadOnlyMemory<byte> segment)
    {
        _left -= segment.Length;
        if (_left < 0)
        {
            return Structure();
        }

        if (segment.Span is not [>= 0xA0 and <= 0xA3, ..])
        {
            return TakeSegments(segment);
        }

        var part = (BoundProfilePart)segment.Span[0];
        if (_leftInPart != 0 || !SegmentHeader.TryRead(segment.Span, tagLength: 1, out var header))
        {
            return Structure();
        }

        var error = reader.Begin(part);
        if (error != BspError.None)
        {
            // What the reader finds wrong here, other than the order, is a ReplaceSessionKeys that cannot be read.
            return error == BspError.Structure ? Failure(BppCommandId.ReplaceSessionKeys, InstallationErrorReason.IncorrectInputValues) : Structure();
        }

        _leftInPart = header.ContentLength;
        return TakeSegments(segment[header.Length..]);
    }

    /// <summary>Wipes the keys, and what has come of the profile.</summary>
    public void Dispose()
    {
        reader.Dispose();
        Forget();
    }

    private InstallationFinalResult.Failure? TakeSegments(ReadOnlyMemory<byte> segments)
    {
        while (!segments.IsEmpty)
        {
            if (!SegmentHeader.TryRead(segments.Span, tagLength: 1, out var header)
                || header.Length + header.ContentLength is var length && (length > segments.Length || length > _leftInPart))
            {
                return Structure();
            }

            if (Open(segments[..length]) is { } failure)
            {
                return failure;
            }

            segments = segments[length..];
            _leftInPart -= length;
            if (_leftInPart == 0 && EndPart() is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    private InstallationFinalResult.Failure? Open(ReadOnlyMemory<byte> segment)
    {
        switch (reader.Read(segment, out var plaintext))
        {
            case BspError.None:
                break;
            case BspError.Mac:
                return Failure(Command, InstallationErrorReason.Scp03tSecurityError);
            default:
                return Structure();
        }

        var isProfile = reader.Part == BoundProfilePart.SequenceOf86;
        if (_content.Count + plaintext.Length > (isProfile ? core.State.FreeMemory() : MaxCommand))
        {
            return Failure(Command, isProfile ? InstallationErrorReason.InsufficientMemory : InstallationErrorReason.IncorrectInputValues);
        }

        _content.AddRange(plaintext);
        CryptographicOperations.ZeroMemory(plaintext);
        return null;
    }

    private InstallationFinalResult.Failure? EndPart()
    {
        switch (reader.Part)
        {
            case BoundProfilePart.FirstSequenceOf87:
                return Configure();
            case BoundProfilePart.SequenceOf88:
                return StoreMetadata();
            case BoundProfilePart.SequenceOf86 when _left == 0:
                _package = [.. _content];
                Forget();
                return null;
            case BoundProfilePart.SequenceOf86:
                return Structure();
            default:
                return null;
        }
    }

    private InstallationFinalResult.Failure? Configure()
    {
        try
        {
            var request = BerMessage.Decode<ConfigureIsdpRequest>(_content.ToArray());
            Forget();
            if (request.DpProprietaryData is { } data)
            {
                var inner = new BerReader(data);
                if (!inner.ReadValue(0x80).Span.SequenceEqual(ObjectIdentifier.ToBytes(smdpOid)))
                {
                    return Failure(Command, InstallationErrorReason.IncorrectInputValues);
                }
            }

            return null;
        }
        catch (ProtocolException)
        {
            // The MAC was right, so the SM-DP+ itself sent it: the standard's answer says so.
            return Failure(Command, InstallationErrorReason.IncorrectInputValues);
        }
    }

    private InstallationFinalResult.Failure? StoreMetadata()
    {
        try
        {
            Metadata = BerMessage.Decode<StoreMetadataRequest>(_content.ToArray());
            Forget();
            return ProfileInstaller.CheckMetadata(core.State, Metadata) is { } reason ? Failure(Command, reason) : null;
        }
        catch (ProtocolException)
        {
            // As with ConfigureISDP.
            return Failure(Command, InstallationErrorReason.IncorrectInputValues);
        }
    }

    private void Forget()
    {
        CryptographicOperations.ZeroMemory(CollectionsMarshal.AsSpan(_content));
        _content.Clear();
    }

    /// <summary>The command that is under way.</summary>
    public BppCommandId Command => reader.Part switch
    {
        null or BoundProfilePart.FirstSequenceOf87 => BppCommandId.ConfigureIsdp,
        BoundProfilePart.SequenceOf88 => BppCommandId.StoreMetadata,
        BoundProfilePart.SecondSequenceOf87 => BppCommandId.ReplaceSessionKeys,
        _ => BppCommandId.LoadProfileElements,
    };

    private InstallationFinalResult.Failure Structure() => Failure(Command, InstallationErrorReason.Scp03tStructureError);

    private static InstallationFinalResult.Failure Failure(BppCommandId command, InstallationErrorReason reason) => new(command, reason);
}

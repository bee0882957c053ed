using System.Security.Cryptography;
using OpenEim.Protocol.Ber;
using OpenEim.Protocol.Sgp22;

namespace OpenEim.Protocol.Security.Bsp;

/// <summary>The eUICC's side of a bound profile package behind InitialiseSecureChannel: takes it segment by segment, each checked before it is used.</summary>
/// <remarks>
/// <see cref="Begin"/> opens a part, <see cref="Read"/> takes a segment of it. ReplaceSessionKeys is carried out inside when
/// the profile's part begins, and its keys never leave. After the first error everything is refused with the same. Not for
/// concurrent use; disposing wipes the keys.
/// </remarks>
public sealed class BoundProfileReader : IDisposable
{
    private BspSession _session;
    private BoundProfilePart? _part;
    private byte[] _replacement = [];
    private bool _partHasSegment;
    private BspError _failure;

    /// <summary>Starts with the session of InitialiseSecureChannel, which this object owns from now on.</summary>
    public BoundProfileReader(BspSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        _session = session;
    }

    /// <summary>The part that is being read; null before the first.</summary>
    public BoundProfilePart? Part => _part;

    /// <summary>Begins a part: its outer tag was received.</summary>
    /// <returns><see cref="BspError.OutOfOrder"/> when it may not come now or the part before it was empty, <see cref="BspError.Structure"/> when ReplaceSessionKeys before it is malformed.</returns>
    public BspError Begin(BoundProfilePart part)
    {
        if (_failure != BspError.None)
        {
            return _failure;
        }

        var inOrder = part == FirstAfter(_part)
            || (part == BoundProfilePart.SequenceOf86 && _part == BoundProfilePart.SequenceOf88);
        _failure = !inOrder || (_part is not null && !_partHasSegment) ? BspError.OutOfOrder : ReplaceKeys();
        if (_failure == BspError.None)
        {
            _part = part;
            _partHasSegment = false;
        }

        return _failure;
    }

    /// <summary>Checks and opens the next segment of the part.</summary>
    /// <param name="segment">The whole segment as received, with its tag.</param>
    /// <param name="plaintext">The content; empty on an error, and in the part that replaces the session keys.</param>
    public BspError Read(ReadOnlyMemory<byte> segment, out byte[] plaintext)
    {
        plaintext = [];
        if (_failure == BspError.None)
        {
            _failure = _part is { } part ? _session.Unprotect(TagOf(part), segment, out plaintext) : BspError.OutOfOrder;
        }

        if (_failure == BspError.None)
        {
            _partHasSegment = true;
            if (_part == BoundProfilePart.SecondSequenceOf87)
            {
                _failure = KeepReplacement(plaintext);
                plaintext = [];
            }
        }

        return _failure;
    }

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        _session.Dispose();
        CryptographicOperations.ZeroMemory(_replacement);
    }

    /// <summary>ReplaceSessionKeys is one command in one segment: it fits many times.</summary>
    private BspError KeepReplacement(byte[] command)
    {
        if (_replacement.Length > 0)
        {
            CryptographicOperations.ZeroMemory(command);
            return BspError.OutOfOrder;
        }

        _replacement = command;
        return BspError.None;
    }

    private BspError ReplaceKeys()
    {
        if (_replacement.Length == 0)
        {
            return BspError.None;
        }

        try
        {
            using var keys = BspKeys.FromRequest(BerMessage.Decode<ReplaceSessionKeysRequest>(_replacement));
            _session.Dispose();
            _session = new BspSession(keys);
            return BspError.None;
        }
        catch (ProtocolException)
        {
            // The MAC was right, so the SM-DP+ itself sent nonsense: the caller answers with the standard's error.
            return BspError.Structure;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(_replacement);
            _replacement = [];
        }
    }

    private static BoundProfilePart? FirstAfter(BoundProfilePart? part) => part switch
    {
        null => BoundProfilePart.FirstSequenceOf87,
        BoundProfilePart.SequenceOf86 => null,
        _ => part + 1,
    };

    private static BspTag TagOf(BoundProfilePart part) => part switch
    {
        BoundProfilePart.SequenceOf88 => BspTag.Metadata,
        BoundProfilePart.SequenceOf86 => BspTag.ProfileElements,
        _ => BspTag.Command,
    };
}

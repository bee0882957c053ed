using System.Buffers.Binary;
using System.Security.Cryptography;
using OpenEim.Protocol.Ber;

namespace OpenEim.Protocol.Security.Bsp;

/// <summary>The protected parts of a BoundProfilePackage, tag BF36, that follow InitialiseSecureChannel (SGP.22 clause 2.5.4), each a whole TLV.</summary>
/// <param name="FirstSequenceOf87">ConfigureISDP, tag A0.</param>
/// <param name="SequenceOf88">StoreMetadata, tag A1.</param>
/// <param name="SecondSequenceOf87">ReplaceSessionKeys, tag A2; null when the session keys protect the profile.</param>
/// <param name="SequenceOf86">The profile package, tag A3.</param>
public sealed record BoundProfileParts(
    ReadOnlyMemory<byte> FirstSequenceOf87,
    ReadOnlyMemory<byte> SequenceOf88,
    ReadOnlyMemory<byte>? SecondSequenceOf87,
    ReadOnlyMemory<byte> SequenceOf86)
{
    /// <summary>Protects a profile package and the commands before it.</summary>
    /// <param name="session">A new session of the eUICC's; it is used up and stays the caller's to dispose.</param>
    /// <param name="configureIsdp">ConfigureISDP, tag BF24, whole.</param>
    /// <param name="storeMetadata">StoreMetadata, tag BF25, whole.</param>
    /// <param name="profilePackage">The unprotected profile package; any length of at least one byte.</param>
    /// <param name="profileKeys">Keys to protect the profile package with instead of the session's; null for the session's.</param>
    public static BoundProfileParts Protect(
        BspSession session,
        ReadOnlySpan<byte> configureIsdp,
        ReadOnlySpan<byte> storeMetadata,
        ReadOnlySpan<byte> profilePackage,
        BspKeys? profileKeys = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        var configuration = Sequence(session, 0xA0, BspTag.Command, configureIsdp);
        var metadata = Sequence(session, 0xA1, BspTag.Metadata, storeMetadata);
        if (profileKeys is null)
        {
            return new(configuration, metadata, null, Sequence(session, 0xA3, BspTag.ProfileElements, profilePackage));
        }

        var command = profileKeys.ToRequest().Encode();
        try
        {
            var replacement = Sequence(session, 0xA2, BspTag.Command, command);
            return new(configuration, metadata, replacement, ProtectProfile(profileKeys, profilePackage));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(command);
        }
    }

    /// <summary>Makes the protected profile package, tag A3, with keys of its own, before its eUICC is known.</summary>
    public static byte[] ProtectProfile(BspKeys profileKeys, ReadOnlySpan<byte> profilePackage)
    {
        using var session = new BspSession(profileKeys);
        return Sequence(session, 0xA3, BspTag.ProfileElements, profilePackage);
    }

    /// <summary>Puts the parts behind InitialiseSecureChannel into the whole BoundProfilePackage, tag BF36.</summary>
    /// <param name="initialiseSecureChannel">InitialiseSecureChannel, tag BF23, whole.</param>
    public byte[] ToBoundProfilePackage(ReadOnlySpan<byte> initialiseSecureChannel)
    {
        ReadOnlySpan<ReadOnlyMemory<byte>> parts =
            [FirstSequenceOf87, SequenceOf88, SecondSequenceOf87 ?? default, SequenceOf86];
        var content = initialiseSecureChannel.Length;
        foreach (var part in parts)
        {
            content += part.Length;
        }

        var package = new byte[2 + BerLength.SizeOf(content) + content];
        BinaryPrimitives.WriteUInt16BigEndian(package, (ushort)Sgp22Tags.BoundProfilePackage);
        var position = 2 + BerLength.Write(content, package.AsSpan(2));
        initialiseSecureChannel.CopyTo(package.AsSpan(position));
        position += initialiseSecureChannel.Length;
        foreach (var part in parts)
        {
            part.CopyTo(package.AsMemory(position));
            position += part.Length;
        }

        return package;
    }

    /// <summary>Cuts into segments of the greatest length and protects each, straight into the one array that is returned.</summary>
    private static byte[] Sequence(BspSession session, byte outerTag, BspTag tag, ReadOnlySpan<byte> plaintext)
    {
        if (plaintext.IsEmpty)
        {
            throw new ArgumentException($"there is nothing to protect under tag {outerTag:X2}", nameof(plaintext));
        }

        var most = BspSession.MaxPlaintextOf(tag);
        var (whole, rest) = Math.DivRem(plaintext.Length, most);
        var content = (whole * BspSession.SegmentLength(tag, most)) + (rest == 0 ? 0 : BspSession.SegmentLength(tag, rest));
        var sequence = new byte[1 + BerLength.SizeOf(content) + content];
        sequence[0] = outerTag;
        var position = 1 + BerLength.Write(content, sequence.AsSpan(1));
        while (!plaintext.IsEmpty)
        {
            var piece = plaintext[..Math.Min(most, plaintext.Length)];
            position += session.Protect(tag, piece, sequence.AsSpan(position));
            plaintext = plaintext[piece.Length..];
        }

        return sequence;
    }
}
